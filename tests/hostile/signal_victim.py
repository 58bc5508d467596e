"""Law: a program cannot signal a process of the host."""
# oracle: victim
import os, signal
os.kill(int("@PID@"), signal.SIGTERM)
