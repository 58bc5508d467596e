"""Law: a file of the host cannot be swapped with one of the program's own."""
# oracle: canary
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
open("own", "w").write("x")
libc.renameat2(-100, b"own", -100, b"@CANARY@", 2)
