"""Law: a program gets no handle on the process that started it."""
# oracle: claim
import os
os.pidfd_open(os.getppid())
print("CLAIM @TOKEN@ holds its parent")
