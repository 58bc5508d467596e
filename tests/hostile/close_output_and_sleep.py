"""Law: closing the output is not the same as ending."""
# oracle: late
import os, time
for descriptor in range(64):
    try:
        os.close(descriptor)
    except OSError:
        continue
time.sleep(20)
