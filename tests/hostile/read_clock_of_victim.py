"""Law: how much processor time a process of the host has used is not revealed."""
# oracle: claim
import time
for kind in (2, 1, 0):
    try:
        time.clock_gettime((~int("@PID@") << 3) | kind)
        print("CLAIM @TOKEN@ read the clock of another process")
    except OSError:
        continue
