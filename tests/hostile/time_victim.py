"""Law: no timer runs on the processor time of a process of the host."""
# oracle: claim
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
timer = ctypes.c_void_p()
if libc.timer_create(ctypes.c_int((~int("@PID@") << 3) | 2), None, ctypes.byref(timer)) == 0:
    print("CLAIM @TOKEN@ times another process")
