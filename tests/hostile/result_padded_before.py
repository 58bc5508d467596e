"""Law: a second of sound with megabytes of other chunks before it is out_of_limits, and is not copied."""
# oracle: kind
# kinds: out_of_limits
import math, struct
samples = struct.pack("<44100h", *(int(9000 * math.sin(i / 10)) for i in range(44100)))
data = b"data" + struct.pack("<I", len(samples)) + samples
other = b"LIST" + struct.pack("<I", 5_000_000) + bytes(5_000_000)
form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 44100, 88200, 2, 16)
body = b"WAVE" + form + other + data
open("out.wav", "wb").write(b"RIFF" + struct.pack("<I", len(body)) + body)
