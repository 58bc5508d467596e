"""Law: a program cannot tell whether a file of the host exists."""
# oracle: claim
# soft: process -- Landlock does not govern stat: names and sizes can be guessed, contents not
import os
if os.stat("@SECRET_FILE@").st_size > 0:
    print("CLAIM @TOKEN@ a file of the host exists")
