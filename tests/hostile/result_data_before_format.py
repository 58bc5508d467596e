"""Law: samples before the chunk that says what they are, are unreadable."""
# oracle: kind
# kinds: unreadable
import struct
import numpy as np
frames = (np.sin(np.arange(44100) / 10) * 30000).astype("<i2").tobytes()
form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 44100, 88200, 2, 16)
open("out.wav", "wb").write(b"RIFF" + struct.pack("<I", 36 + len(frames)) + b"WAVE" + struct.pack("<4sI", b"data", len(frames)) + frames + form)
