"""Law: a queued signal reaches no process of the host."""
# oracle: victim
import ctypes, signal
ctypes.CDLL(None).sigqueue(int("@PID@"), int(signal.SIGTERM), None)
