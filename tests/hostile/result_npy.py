"""Law: an array file named out.wav is not_a_wav, and is never loaded."""
# oracle: kind
# kinds: not_a_wav
import numpy as np
with open("out.wav", "wb") as stream:
    np.save(stream, np.array([{"a": 1}], dtype=object), allow_pickle=True)
