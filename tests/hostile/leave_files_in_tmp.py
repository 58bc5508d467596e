"""Law: what a program leaves in /tmp is not there for the next one."""
# oracle: next
import os
for folder in ("/tmp", "/var/tmp", "/dev/shm"):
    try:
        os.makedirs(f"{folder}/left-@TOKEN@/deep")
        open(f"{folder}/left-@TOKEN@/deep/file", "w").write("left")
    except OSError:
        continue
#%% next
import os
for folder in ("/tmp", "/var/tmp", "/dev/shm"):
    if os.path.exists(f"{folder}/left-@TOKEN@"):
        print("CLAIM @TOKEN@ found what was left in", folder)
