"""Law: a program leaves no System V message queue on the host."""
# oracle: ipc
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.msgget(int("@KEY@"), 0o1666)
