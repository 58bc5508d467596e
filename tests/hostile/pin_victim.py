"""Law: a program cannot change on which processors a process of the host runs."""
# oracle: victim
import os
os.sched_setaffinity(int("@PID@"), {0})
