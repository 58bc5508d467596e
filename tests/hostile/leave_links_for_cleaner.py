"""Law: clearing the scratch folder follows no link out of it."""
# oracle: canary
# kept: a weaker runner keeps no scratch of its own to clear
import os
os.makedirs("locked/inner")
for number, target in enumerate(("@FOLDER@", "@DROP@", "@CANARY@", "..", "/")):
    for place in (".", "locked", "locked/inner"):
        try:
            os.symlink(target, f"{place}/{number}")
        except OSError:
            continue
os.chmod("locked/inner", 0)
os.chmod("locked", 0)
