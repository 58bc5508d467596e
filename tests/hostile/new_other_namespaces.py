"""Law: nor any other namespace."""
# oracle: claim
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for flag in (0x00020000, 0x40000000, 0x20000000, 0x08000000, 0x04000000, 0x02000000, 0x00000080):
    if libc.unshare(flag) == 0:
        print("CLAIM @TOKEN@ made a namespace", hex(flag))
