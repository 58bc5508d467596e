"""Law: a program cannot change the mode of a file of the host, which Landlock alone would permit."""
# oracle: canary
import os
os.chmod("@CANARY@", 0o600)
