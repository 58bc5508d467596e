"""Law: a program cannot put itself in charge of its own system calls."""
# oracle: claim
# only: x86_64
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
wanted = ctypes.c_uint32(0x7FC00000)
if libc.syscall(317, 2, 0, ctypes.byref(wanted)) == 0:
    print("CLAIM @TOKEN@ may hand its system calls to another process")
