"""Law: a file that ends before its samples do is unreadable."""
# oracle: kind
# kinds: unreadable
import os
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 44100, np.sin(np.arange(44100) / 10).astype(np.float32))
os.truncate("out.wav", 10000)
