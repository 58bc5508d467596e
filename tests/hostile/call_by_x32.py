"""Law: the x32 numbers, which are the same calls by other names, are closed."""
# oracle: claim
# only: x86_64
# kept: most kernels are built without x32; where it is there, it must not be a way around
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(0x40000000 | 39) > 0:
    print("CLAIM @TOKEN@ called by x32", flush=True)
