"""Law: a program is one process."""
# oracle: claim
import os
child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
print("CLAIM @TOKEN@ forked")
