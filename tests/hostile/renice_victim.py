"""Law: a program cannot change the priority of a process of the host."""
# oracle: victim
import os
os.setpriority(os.PRIO_PROCESS, int("@PID@"), 10)
