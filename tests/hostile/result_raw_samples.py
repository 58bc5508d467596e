"""Law: samples without a header are not_a_wav."""
# oracle: kind
# kinds: not_a_wav
import numpy as np
(np.sin(np.arange(44100) / 10) * 32767).astype("<i2").tofile("out.wav")
