"""Law: a program cannot pin much memory."""
# oracle: claim
import ctypes, mmap
libc = ctypes.CDLL(None, use_errno=True)
page = mmap.mmap(-1, 64 * 1024**2)
address = ctypes.addressof(ctypes.c_char.from_buffer(page))
if libc.mlock(ctypes.c_void_p(address), ctypes.c_size_t(64 * 1024**2)) == 0:
    print("CLAIM @TOKEN@ pinned memory")
