"""Law: samples that are finite and as large as floats can be are a clip whose levels are finite, or refused."""
# oracle: kind
# kinds: clip non_finite
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 44100, (np.sin(np.arange(44100) / 10) * 3e38).astype(np.float32))
