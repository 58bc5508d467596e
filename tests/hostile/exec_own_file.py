"""Law: a file that the program wrote cannot be executed."""
# oracle: claim
import os
open("tool", "w").write("#!/bin/sh\necho CLAIM @TOKEN@ ran a file of my own\n")
os.chmod("tool", 0o755)
os.execv("./tool", ["tool"])
