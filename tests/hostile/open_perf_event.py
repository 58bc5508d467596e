"""Law: no counter of the processor's events."""
# oracle: claim
# only: x86_64
import ctypes, struct
libc = ctypes.CDLL(None, use_errno=True)
wanted = ctypes.create_string_buffer(struct.pack("IIQ", 1, 112, 1).ljust(112, b"\0"))
wanted[40] = 0x60
if libc.syscall(298, wanted, 0, -1, -1, 0) >= 0:
    print("CLAIM @TOKEN@ opened a counter")
