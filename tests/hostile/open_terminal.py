"""Law: no new terminal can be opened."""
# oracle: claim
import os
os.close(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
print("CLAIM @TOKEN@ opened a terminal")
