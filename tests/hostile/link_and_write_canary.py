"""Law: a program cannot reach a file of the host by a link of its own making."""
# oracle: canary
import os
for link in (os.symlink, os.link):
    try:
        link("@CANARY@", f"near-{link.__name__}")
        open(f"near-{link.__name__}", "w").write("escaped")
    except OSError:
        continue
