"""Law: a file that has lost its name is no_file, though the program still holds it."""
# oracle: kind
# kinds: no_file
import os
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 44100, np.sin(np.arange(44100) / 10))
held = open("out.wav", "rb+")
os.unlink("out.wav")
