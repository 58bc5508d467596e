"""Law: a folder in place of the result is not_a_wav."""
# oracle: kind
# kinds: not_a_wav
import os
os.makedirs("out.wav/out.wav")
