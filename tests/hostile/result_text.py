"""Law: text named out.wav is not_a_wav."""
# oracle: kind
# kinds: not_a_wav
open("out.wav", "w").write("a pure tone of 440 Hz\n" * 1000)
