"""Law: a program cannot become another user."""
# oracle: claim
import os
before = os.getresuid()
for uid in (0, 12345):
    for change in (lambda: os.setresuid(uid, uid, uid), lambda: os.setuid(uid)):
        try:
            change()
        except OSError:
            continue
        if os.getresuid() != before:
            print("CLAIM @TOKEN@ became", os.getresuid())
            before = os.getresuid()
