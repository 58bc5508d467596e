"""Law: a clip below the contract's length is too_short."""
# oracle: kind
# kinds: too_short
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 44100, np.sin(np.arange(441) / 10))
