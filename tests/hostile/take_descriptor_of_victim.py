"""Law: a program gets no handle on a process of the host, and none of its descriptors."""
# oracle: claim
# only: x86_64
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
handle = os.pidfd_open(int("@PID@"))
if libc.syscall(438, handle, 0, 0) >= 0:
    print("CLAIM @TOKEN@ took a descriptor of another process")
