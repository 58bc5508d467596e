"""Law: a program cannot change its root."""
# oracle: claim
import os
os.chroot(".")
print("CLAIM @TOKEN@ changed the root")
