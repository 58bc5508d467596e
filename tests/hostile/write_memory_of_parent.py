"""Law: process_vm_writev writes into no other process, the parent least of all."""
# oracle: claim
# only: x86_64
import ctypes, errno, os
class Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
libc = ctypes.CDLL(None, use_errno=True)
held = ctypes.create_string_buffer(16)
here, there = Span(ctypes.addressof(held), 16), Span(0, 16)
# Address 0 holds nothing: EFAULT says that the call was let through as far as the memory, and nothing was written.
if libc.syscall(311, os.getppid(), ctypes.byref(here), 1, ctypes.byref(there), 1, ctypes.c_long(0)) > 0 or ctypes.get_errno() == errno.EFAULT:
    print("CLAIM @TOKEN@ may write its parent's memory")
