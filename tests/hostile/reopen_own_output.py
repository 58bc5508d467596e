"""Law: a program cannot open its own output again, to read it or to change how it is written."""
# oracle: claim
import os
for number in (1, 2):
    for folder in ("/proc/self/fd", f"/proc/{os.getpid()}/fd", "/proc/thread-self/fd", "/dev/fd"):
        for flags in (os.O_RDONLY | os.O_NONBLOCK, os.O_WRONLY, os.O_RDWR):
            try:
                os.open(f"{folder}/{number}", flags)
            except OSError:
                continue
            print("CLAIM @TOKEN@ opened", folder, number, flags)
