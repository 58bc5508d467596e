"""Law: the processes of the host cannot be listed."""
# oracle: claim
import os
if os.path.exists("/proc/@PID@/cmdline") and "@MARK@" in open("/proc/@PID@/cmdline").read():
    print("CLAIM @TOKEN@ read the command line of another process")
