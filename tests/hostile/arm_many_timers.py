"""Law: timers and queued signals, which the kernel keeps per user, are few."""
# oracle: claim
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
timers = [ctypes.c_void_p() for _ in range(4000)]
made = sum(libc.timer_create(1, None, ctypes.byref(timer)) == 0 for timer in timers)
if made > 1000:
    print("CLAIM @TOKEN@ armed", made, "timers")
