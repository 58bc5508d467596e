"""Law: a program that closes its own folder harms only itself."""
# oracle: next
# kinds: clip no_file unreadable blocked_call runtime_error
# kept: a weaker runner does not use the folder again
import os
import numpy as np
from scipy.io import wavfile
wavfile.write("out.wav", 44100, np.sin(np.arange(44100) / 10))
os.chmod(".", 0)
#%% next
open("probe", "w").write("fine")
