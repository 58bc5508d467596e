"""Law: a program cannot set extended attributes of a file of the host, which Landlock alone would permit."""
# oracle: canary
import os
os.setxattr("@CANARY@", "user.escaped", b"1")
