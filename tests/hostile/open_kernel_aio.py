"""Law: requests that the kernel works off on its own are not to be had."""
# oracle: claim
# only: x86_64
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
context = ctypes.c_ulong(0)
if libc.syscall(206, 16, ctypes.byref(context)) == 0:
    print("CLAIM @TOKEN@ has a queue in the kernel")
