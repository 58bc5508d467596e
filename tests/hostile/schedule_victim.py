"""Law: a program cannot change the scheduling of a process of the host."""
# oracle: victim
import os
os.sched_setscheduler(int("@PID@"), os.SCHED_BATCH, os.sched_param(0))
