"""Law: a result keeps no special bit of its mode when it is copied."""
# oracle: canary
# kept: no runner copies results but ours; a copy that keeps modes would leave a set-user-id file on the host
import os
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 44100, np.sin(np.arange(44100) / 10))
os.chmod("out.wav", 0o6777)
