"""Law: a program leaves no key in a keyring of the kernel."""
# oracle: ipc
# only: x86_64
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(248, b"user", b"@TOKEN@", b"x", 1, -4)
