"""Law: a program cannot cut a file of the host short by its path."""
# oracle: canary
import os
os.truncate("@CANARY@", 1)
