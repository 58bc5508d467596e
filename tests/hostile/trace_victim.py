"""Law: a program cannot trace a process of the host."""
# oracle: claim
# only: x86_64
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(101, 0x4206, int("@PID@"), 0, 0) == 0:
    print("CLAIM @TOKEN@ traced another process")
