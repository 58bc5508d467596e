"""Law: a program cannot delete a file of the host."""
# oracle: canary
import os
os.unlink("@CANARY@")
