"""Law: fork, vfork and clone are refused as bare system calls too."""
# oracle: claim
# only: x86_64
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for number, flags in ((57, 0), (56, 17)):
    pid = libc.syscall(number, flags, 0, 0, 0, 0)
    if pid == 0:
        libc.syscall(231, 0)
    if pid > 0:
        os.waitpid(pid, 0)
        print("CLAIM @TOKEN@ forked by call", number)
