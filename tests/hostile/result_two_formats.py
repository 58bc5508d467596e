"""Law: a second fmt chunk, by which another reader would go, is unreadable."""
# oracle: kind
# kinds: unreadable
import struct
import numpy as np
frames = (np.sin(np.arange(44100) / 10) * 30000).astype("<i2").tobytes()
form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 44100, 88200, 2, 16)
other = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 22050, 88200, 4, 16)
open("out.wav", "wb").write(b"RIFF" + struct.pack("<I", 60 + len(frames)) + b"WAVE" + form + other + struct.pack("<4sI", b"data", len(frames)) + frames)
