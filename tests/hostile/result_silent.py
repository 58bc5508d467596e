"""Law: zeros are silent."""
# oracle: kind
# kinds: silent
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 44100, np.zeros(44100, np.int16))
