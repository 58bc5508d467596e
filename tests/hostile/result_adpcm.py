"""Law: compressed samples in a WAV are unreadable, whatever a decoder could make of them."""
# oracle: kind
# kinds: unreadable
import numpy as np, soundfile
soundfile.write("out.wav", np.sin(np.arange(44100) / 10), 44100, format="WAV", subtype="MS_ADPCM")
