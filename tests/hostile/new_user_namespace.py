"""Law: a program cannot make a user namespace, where it would be root."""
# oracle: claim
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x10000000) == 0:
    print("CLAIM @TOKEN@ made a user namespace")
