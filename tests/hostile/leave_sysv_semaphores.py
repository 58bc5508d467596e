"""Law: a program leaves no System V semaphores on the host."""
# oracle: ipc
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.semget(int("@KEY@"), 1, 0o1666)
