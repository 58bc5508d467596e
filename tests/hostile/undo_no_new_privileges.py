"""Law: what was given up at the start stays given up."""
# oracle: claim
# kept: a weaker runner gives nothing up, so there is nothing to take back there
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(39, 0, 0, 0, 0) == 0 or libc.prctl(21, 0, 0, 0, 0) == 0:
    print("CLAIM @TOKEN@ has no_new_privs or the filter off")
if libc.prctl(38, 0, 0, 0, 0) == 0 or libc.prctl(22, 0, 0, 0, 0) == 0:
    print("CLAIM @TOKEN@ undid no_new_privs or the filter")
