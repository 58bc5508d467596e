"""Law: samples smaller than any listener or number format are silent."""
# oracle: kind
# kinds: silent
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 44100, (np.sin(np.arange(44100) / 10) * 1e-44).astype(np.float32))
