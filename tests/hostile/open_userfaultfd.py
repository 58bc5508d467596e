"""Law: no handling of page faults for the kernel."""
# oracle: claim
# only: x86_64
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(323, 1) >= 0 or libc.syscall(323, 0) >= 0:
    print("CLAIM @TOKEN@ handles page faults")
