"""Law: no setting of the kernel opens for writing."""
# oracle: claim
import os
for path in ("/proc/sys/kernel/hostname", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/kernel/uevent_helper", "/proc/self/oom_score_adj"):
    try:
        os.close(os.open(path, os.O_WRONLY))
        print("CLAIM @TOKEN@ may write", path)
    except OSError:
        continue
