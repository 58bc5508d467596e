"""Law: no priority of a group or of a user's processes can be changed."""
# oracle: claim
import os
for kind, who in ((os.PRIO_PROCESS, 0), (os.PRIO_PGRP, 0), (os.PRIO_USER, os.getuid())):
    try:
        os.setpriority(kind, who, os.getpriority(kind, who))
        print("CLAIM @TOKEN@ set a priority of", kind)
    except OSError:
        continue
