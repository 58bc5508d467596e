"""Law: nor by the newer calls."""
# oracle: claim
# only: x86_64
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(430, b"tmpfs", 1) >= 0:
    print("CLAIM @TOKEN@ opened a file system to mount")
if libc.syscall(428, -100, b"/", 1) >= 0:
    print("CLAIM @TOKEN@ copied the tree of mounts")
