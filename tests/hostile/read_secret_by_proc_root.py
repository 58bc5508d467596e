"""Law: the root of another process is no way to a file of the host."""
# oracle: secret
import os
for pid in [name for name in os.listdir("/proc") if name.isdigit()] + ["self", "1", "@PID@"]:
    try:
        print(open(f"/proc/{pid}/root@SECRET_FILE@").read())
        break
    except OSError:
        continue
