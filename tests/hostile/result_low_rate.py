"""Law: a rate below the contract's is out_of_limits."""
# oracle: kind
# kinds: out_of_limits
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 8000, np.sin(np.arange(8000) / 10))
