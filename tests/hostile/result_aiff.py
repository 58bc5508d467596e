"""Law: AIFF named out.wav is not_a_wav."""
# oracle: kind
# kinds: not_a_wav
import numpy as np, soundfile
soundfile.write("out.wav", np.sin(np.arange(44100) / 10), 44100, format="AIFF")
