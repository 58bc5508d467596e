"""Law: a program cannot change the times of a file of the host, which Landlock alone would permit."""
# oracle: canary
import os
os.utime("@CANARY@", (1, 1))
