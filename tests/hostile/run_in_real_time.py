"""Law: a program cannot take a processor for itself."""
# oracle: claim
import os
for change in (lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)), lambda: os.setpriority(os.PRIO_PROCESS, 0, -5)):
    try:
        change()
        print("CLAIM @TOKEN@ runs before others")
    except OSError:
        continue
