"""Law: one sample that is not a number is non_finite."""
# oracle: kind
# kinds: non_finite
import numpy as np
from scipy.io import wavfile
frames = np.sin(np.arange(44100) / 10).astype(np.float32)
frames[40000] = np.nan
wavfile.write("out.wav", 44100, frames)
