"""Law: a constant moves no membrane: silent."""
# oracle: kind
# kinds: silent
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 44100, np.full(44100, 0.5, np.float32))
