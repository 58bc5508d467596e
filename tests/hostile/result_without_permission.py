"""Law: a result that nobody may read is read by nobody but its reader: a clip or one kind, no error of ours."""
# oracle: kind
# kinds: clip unreadable no_file blocked_call runtime_error
import os
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 44100, np.sin(np.arange(44100) / 10))
os.chmod("out.wav", 0)
