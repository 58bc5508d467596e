"""Law: a result written while the interpreter ends is the program's like any other."""
# oracle: kind
# kinds: clip
import atexit
import numpy as np
from scipy.io import wavfile
atexit.register(lambda: wavfile.write("out.wav", 44100, (np.sin(np.arange(44100) / 10) * 30000).astype(np.int16)))
