"""Law: a format chunk of gigabytes by its own word is unreadable and costs no memory."""
# oracle: kind
# kinds: unreadable
import struct
form = struct.pack("<HHIIHH", 1, 1, 44100, 88200, 2, 16)
open("out.wav", "wb").write(b"RIFF" + struct.pack("<I", 100) + b"WAVEfmt " + struct.pack("<I", 2**31) + form + b"data" + struct.pack("<I", 8) + b"\1\2" * 4)
