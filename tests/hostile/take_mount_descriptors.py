"""Law: mounts are neither listed nor taken hold of."""
# oracle: claim
# only: x86_64
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(428, -100, b"/", 0) >= 0:
    print("CLAIM @TOKEN@ holds the root mount")
request, held = (ctypes.c_uint64 * 4)(32, 0xFFFFFFFFFFFFFFFF, 0, 0), (ctypes.c_uint64 * 64)()
ctypes.cast(request, ctypes.POINTER(ctypes.c_uint32))[0] = 24
if libc.syscall(458, request, held, ctypes.c_size_t(64), 0) > 0:
    print("CLAIM @TOKEN@ listed mounts")
