"""Law: files without a name that only mappings hold count like any other."""
# oracle: claim
# soft: process -- for an ordinary user the poll sees files with a name, and free space only when it falls far
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
written = 0
for number in range(100):
    try:
        held = os.open(f"{number}", os.O_RDWR | os.O_CREAT, 0o600)
        os.unlink(f"{number}")
        os.posix_fallocate(held, 0, 4 * 2**20)
    except OSError:
        break
    if libc.mmap(None, 4096, 3, 1, held, ctypes.c_long(0)) in (None, 2**64 - 1):
        break
    os.close(held)
    written += 4 * 2**20
if written > int("@SCRATCH_BYTES@") + 2**20:
    print("CLAIM @TOKEN@ holds", written, "bytes")
