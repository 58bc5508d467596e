"""Law: a header whose sizes were never filled in is unreadable."""
# oracle: kind
# kinds: unreadable
import struct
import numpy as np
frames = (np.sin(np.arange(44100) / 10) * 30000).astype("<i2").tobytes()
form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 44100, 88200, 2, 16)
open("out.wav", "wb").write(b"RIFF" + b"\xff" * 4 + b"WAVE" + form + b"data" + b"\xff" * 4 + frames)
