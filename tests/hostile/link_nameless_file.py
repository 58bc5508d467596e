"""Law: a file made without a name cannot be given one in a folder of the host."""
# oracle: canary
import ctypes, os
held = os.open("@DROP@", os.O_TMPFILE | os.O_WRONLY, 0o666)
os.write(held, b"dropped")
ctypes.CDLL(None).linkat(-100, b"/proc/self/fd/%d" % held, -100, b"@DROP@/here", 0x400)
