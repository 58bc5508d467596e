"""Law: a program cannot enter the namespaces of another process."""
# oracle: claim
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for path in ("/proc/@PID@/ns/net", "/proc/1/ns/net", "/proc/self/ns/net", "/proc/self/ns/uts"):
    try:
        if libc.setns(os.open(path, os.O_RDONLY), 0) == 0:
            print("CLAIM @TOKEN@ entered", path)
    except OSError:
        continue
