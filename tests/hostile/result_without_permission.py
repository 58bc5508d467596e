"""Law: a result without read permission is a clip or one kind, not an error of ours."""
# oracle: kind
# kinds: clip unreadable no_file blocked_call runtime_error
import os
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 44100, np.sin(np.arange(44100) / 10))
os.chmod("out.wav", 0)
