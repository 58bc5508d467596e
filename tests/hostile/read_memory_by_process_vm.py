"""Law: process_vm_readv reads no other process."""
# oracle: claim
# only: x86_64
import ctypes
class Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
libc = ctypes.CDLL(None, use_errno=True)
held = ctypes.create_string_buffer(16)
address = 0x400000
try:
    address = int(open("/proc/@PID@/maps").read().split("-")[0], 16)
except OSError:
    pass
here, there = Span(ctypes.addressof(held), 16), Span(address, 16)
if libc.syscall(310, int("@PID@"), ctypes.byref(here), 1, ctypes.byref(there), 1, ctypes.c_long(0)) > 0:
    print("CLAIM @TOKEN@ read another process")
