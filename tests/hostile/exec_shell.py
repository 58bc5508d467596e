"""Law: a program cannot turn itself into another."""
# oracle: claim
import os
for path in ("/bin/sh", "/usr/bin/sh", "/bin/bash", "/usr/bin/busybox"):
    try:
        os.execv(path, ["sh", "-c", "echo CLAIM @TOKEN@ became a shell"])
    except OSError:
        continue
