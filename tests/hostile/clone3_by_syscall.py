"""Law: clone3, whose flags a filter cannot see, starts no process."""
# oracle: claim
# only: x86_64
import ctypes, os, struct
libc = ctypes.CDLL(None, use_errno=True)
wanted = ctypes.create_string_buffer(struct.pack("11Q", 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0))
pid = libc.syscall(435, wanted, 88)
if pid == 0:
    libc.syscall(231, 0)
if pid > 0:
    os.waitpid(pid, 0)
    print("CLAIM @TOKEN@ forked by clone3")
