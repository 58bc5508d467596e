"""Law: a file over the contract's bytes is refused or never comes to be."""
# oracle: kind
# kinds: out_of_limits runtime_error crashed
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 96000, np.sin(np.arange(96000 * 50) / 10))
