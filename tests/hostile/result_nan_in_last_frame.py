"""Law: the last sample of the second channel is looked at like the first."""
# oracle: kind
# kinds: non_finite
import numpy as np
from scipy.io import wavfile
frames = np.sin(np.arange(88200) / 10).astype(np.float32).reshape(-1, 2)
frames[-1, 1] = np.nan
wavfile.write("out.wav", 44100, frames)
