"""Law: no file that lives in memory alone can be executed."""
# oracle: claim
import os
script = b"#!/bin/sh\necho CLAIM @TOKEN@ ran from memory\n"
held = os.memfd_create("x", 0)
os.write(held, script)
os.execve(held, ["x"], {})
