"""Law: a program cannot mount."""
# oracle: claim
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"none", b".", b"tmpfs", 0, None) == 0:
    libc.umount2(b".", 2)
    print("CLAIM @TOKEN@ mounted")
