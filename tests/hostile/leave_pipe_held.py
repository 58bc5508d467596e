"""Law: a process that holds the output open does not hold up the harness."""
# oracle: late
import os, time
if os.fork() == 0:
    os.setsid()
    time.sleep(20)
    os._exit(0)
