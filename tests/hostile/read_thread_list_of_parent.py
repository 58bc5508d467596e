"""Law: addresses in other processes are not revealed."""
# oracle: claim
# only: x86_64
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
head, size = ctypes.c_void_p(), ctypes.c_size_t()
for pid in (int("@PID@"), os.getppid()):
    if libc.syscall(274, pid, ctypes.byref(head), ctypes.byref(size)) == 0:
        print("CLAIM @TOKEN@ read an address in", pid)
