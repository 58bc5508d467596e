"""Law: the next program finds no file that this one left."""
# oracle: next
import os, tempfile
for folder in (".", "/tmp", "/var/tmp", "/dev/shm", tempfile.gettempdir(), os.path.expanduser("~")):
    try:
        open(f"{folder}/@TOKEN@", "w").write("left")
    except OSError:
        continue
#%% next
import os, tempfile
for folder in (".", "/tmp", "/var/tmp", "/dev/shm", tempfile.gettempdir(), os.path.expanduser("~")):
    if os.path.exists(f"{folder}/@TOKEN@"):
        print("CLAIM @TOKEN@ found what was left in", folder)
