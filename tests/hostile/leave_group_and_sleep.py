"""Law: a program that leaves its session and process group is ended all the same."""
# oracle: late
import os, time
for leave in (os.setsid, lambda: os.setpgid(0, 0)):
    try:
        leave()
    except OSError:
        continue
time.sleep(20)
