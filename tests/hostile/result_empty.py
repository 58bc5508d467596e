"""Law: a file of no bytes is not_a_wav."""
# oracle: kind
# kinds: not_a_wav
open("out.wav", "wb").close()
