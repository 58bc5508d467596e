"""Law: a rate beyond the contract's is out_of_limits."""
# oracle: kind
# kinds: out_of_limits
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 192000, np.sin(np.arange(192000) / 10))
