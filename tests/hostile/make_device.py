"""Law: a program cannot make a device."""
# oracle: claim
import os, stat
os.mknod("null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
print("CLAIM @TOKEN@ made a device")
