"""Law: the dynamic loader is no way around the ban on executing."""
# oracle: claim
import glob, os
for loader in glob.glob("/lib64/ld-linux*") + glob.glob("/lib/ld-linux*"):
    try:
        os.execv(loader, [loader, "/bin/echo", "CLAIM @TOKEN@ ran by the loader"])
    except OSError:
        continue
