"""Law: a clip under another name is no_file."""
# oracle: kind
# kinds: no_file
import numpy as np, soundfile
soundfile.write("output.wav", np.sin(np.arange(44100) / 10), 44100)
