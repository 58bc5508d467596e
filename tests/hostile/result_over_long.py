"""Law: a clip beyond the contract's length is too_long."""
# oracle: kind
# kinds: too_long
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 16000, (np.sin(np.arange(16000 * 70) / 10) * 32767).astype(np.int16))
