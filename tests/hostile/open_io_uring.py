"""Law: no ring of system calls that a filter does not see."""
# oracle: claim
# only: x86_64
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(425, 4, ctypes.create_string_buffer(120)) >= 0:
    print("CLAIM @TOKEN@ opened a ring")
