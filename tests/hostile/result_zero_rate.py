"""Law: a rate of zero is unreadable and divides nothing."""
# oracle: kind
# kinds: unreadable
import struct
form = struct.pack("<HHIIHH", 1, 1, 0, 0, 2, 16)
open("out.wav", "wb").write(b"RIFF" + struct.pack("<I", 88236) + b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", 88200) + b"\1\2" * 44100)
