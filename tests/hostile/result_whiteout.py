"""Law: the mark that an overlay leaves in place of a file is no result."""
# oracle: kind
# kinds: not_a_wav no_file
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
open("out.wav", "w").write("x")
libc.renameat2(-100, b"out.wav", -100, b"elsewhere", 4)
