"""Law: opening a file to read and to cut it at once does not cut it."""
# oracle: canary
import os
os.close(os.open("@CANARY@", os.O_RDONLY | os.O_TRUNC))
