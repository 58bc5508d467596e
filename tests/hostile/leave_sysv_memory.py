"""Law: a program leaves no System V shared memory on the host."""
# oracle: ipc
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.shmget(int("@KEY@"), 4096, 0o1666)
