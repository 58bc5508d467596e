"""Law: eight channels are out_of_limits."""
# oracle: kind
# kinds: out_of_limits
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 44100, (np.sin(np.arange(44100 * 8) / 10).reshape(-1, 8) * 32767).astype(np.int16))
