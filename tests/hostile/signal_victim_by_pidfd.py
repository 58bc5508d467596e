"""Law: no handle on a process of the host, and no signal through it."""
# oracle: victim
import os, signal
signal.pidfd_send_signal(os.pidfd_open(int("@PID@")), signal.SIGTERM)
