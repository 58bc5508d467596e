"""Law: a good file does not excuse a program that then fails."""
# oracle: kind
# kinds: runtime_error
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 44100, np.sin(np.arange(44100) / 10))
raise RuntimeError("afterthought")
