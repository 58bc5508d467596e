"""Law: a data chunk that says more than the file holds is unreadable and costs no memory."""
# oracle: kind
# kinds: unreadable
import struct
form = struct.pack("<HHIIHH", 1, 1, 44100, 88200, 2, 16)
open("out.wav", "wb").write(b"RIFF" + struct.pack("<I", 2**32 - 1) + b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", 2**32 - 9) + b"\1\2" * 44100)
