"""Law: samples of an unusual width are unreadable."""
# oracle: kind
# kinds: unreadable
import struct
form = struct.pack("<HHIIHH", 1, 1, 44100, 88200, 2, 12)
open("out.wav", "wb").write(b"RIFF" + struct.pack("<I", 88236) + b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", 88200) + b"\1\2" * 44100)
