"""Law: odd chunks with and without the byte that pads them are read or refused, and nothing between."""
# oracle: kind
# kinds: clip unreadable
import struct
import numpy as np
frames = (np.sin(np.arange(44100) / 10) * 30000).astype("<i2").tobytes()
form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 44100, 88200, 2, 16)
chunks = struct.pack("<4sI3sx", b"LIST", 3, b"abc") + form + struct.pack("<4sI5s", b"junk", 5, b"abcde") + struct.pack("<4sI", b"data", len(frames)) + frames
open("out.wav", "wb").write(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
