"""Law: a program cannot fill the process table."""
# oracle: crowd
import os, time
for _ in range(200):
    if os.fork() == 0:
        time.sleep(2)
        os._exit(0)
time.sleep(1)
