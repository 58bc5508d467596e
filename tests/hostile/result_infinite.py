"""Law: one infinite sample is non_finite."""
# oracle: kind
# kinds: non_finite
import numpy as np
from scipy.io import wavfile
frames = np.sin(np.arange(44100) / 10)
frames[3] = -np.inf
wavfile.write("out.wav", 44100, frames)
