"""Law: mu-law samples are unreadable."""
# oracle: kind
# kinds: unreadable
import numpy as np, soundfile
soundfile.write("out.wav", np.sin(np.arange(44100) / 10), 44100, format="WAV", subtype="ULAW")
