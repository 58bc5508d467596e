"""Law: a WAV in the form for more than four gigabytes is not_a_wav."""
# oracle: kind
# kinds: not_a_wav
import struct
import numpy as np
frames = (np.sin(np.arange(44100) / 10) * 30000).astype("<i2").tobytes()
form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 44100, 88200, 2, 16)
sizes = struct.pack("<4sIQQQI", b"ds64", 28, 72 + len(frames), len(frames), 44100, 0)
open("out.wav", "wb").write(b"RF64" + b"\xff" * 4 + b"WAVE" + sizes + form + b"data" + b"\xff" * 4 + frames)
