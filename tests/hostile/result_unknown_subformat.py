"""Law: an extensible header with an unknown identifier is unreadable."""
# oracle: kind
# kinds: unreadable
import struct
import numpy as np
frames = (np.sin(np.arange(44100) / 10) * 30000).astype("<i2").tobytes()
form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 44100, 88200, 2, 16)
form = struct.pack("<4sIHHIIHHHHI16s", b"fmt ", 40, 0xFFFE, 1, 44100, 88200, 2, 16, 22, 16, 4, b"\1\0" + b"\xee" * 14)
open("out.wav", "wb").write(b"RIFF" + struct.pack("<I", 60 + len(frames)) + b"WAVE" + form + struct.pack("<4sI", b"data", len(frames)) + frames)
