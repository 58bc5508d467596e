"""Law: a device in place of the result is refused."""
# oracle: kind
# kinds: not_a_wav blocked_call runtime_error
import os, stat
os.mknod("out.wav", 0o666 | stat.S_IFCHR, os.makedev(1, 5))
