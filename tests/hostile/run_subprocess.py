"""Law: a program starts no other."""
# oracle: claim
import subprocess, sys
for command in (["/bin/true"], [sys.executable, "-c", "0"], ["/bin/sh", "-c", ":"]):
    try:
        if subprocess.run(command, timeout=3).returncode == 0:
            print("CLAIM @TOKEN@ started", command[0])
    except OSError:
        continue
