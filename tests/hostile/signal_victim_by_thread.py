"""Law: the rarer ways to signal are closed too."""
# oracle: victim
# only: x86_64
import ctypes, os, signal
libc = ctypes.CDLL(None, use_errno=True)
pid = int("@PID@")
libc.syscall(234, pid, pid, 15)
libc.syscall(200, pid, 15)
try:
    signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGTERM)
except OSError:
    pass
