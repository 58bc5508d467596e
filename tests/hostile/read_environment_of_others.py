"""Law: the environment of no other process can be read."""
# oracle: secret
import os
for name in ["@PID@", str(os.getppid())] + os.listdir("/proc"):
    try:
        print(open(f"/proc/{name}/environ", "rb").read())
    except OSError:
        continue
