"""Law: a program cannot trace its own parent, which may be a worker of the same user."""
# oracle: claim
# only: x86_64
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(101, 0x4206, os.getppid(), 0, 0) == 0:
    print("CLAIM @TOKEN@ traced its parent")
