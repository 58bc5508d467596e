"""Law: no program and no map of the kernel's own machine."""
# oracle: claim
# only: x86_64
import ctypes, struct
libc = ctypes.CDLL(None, use_errno=True)
wanted = ctypes.create_string_buffer(struct.pack("IIII", 2, 4, 4, 1).ljust(120, b"\0"))
if libc.syscall(321, 0, wanted, 120) >= 0:
    print("CLAIM @TOKEN@ made a map")
