"""Law: a program cannot change the owner of a file of the host, which Landlock alone would permit."""
# oracle: canary
import os
for uid, gid in ((12345, 12345), (-1, 12345), (-1, -1)):
    try:
        os.chown("@CANARY@", uid, gid)
        break
    except OSError:
        continue
