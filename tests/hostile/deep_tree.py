"""Law: folders nested without end are cleared away like any other."""
# oracle: litter
# kept: a weaker runner keeps no scratch of its own to clear
import os
for _ in range(3000):
    try:
        os.mkdir("d")
        os.chdir("d")
    except OSError:
        break
