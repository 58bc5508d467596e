"""Law: a program that takes its own folder away harms no later run."""
# oracle: next
# kept: a weaker runner does not use the folder again
import os
here = os.getcwd()
os.chdir("/")
for attempt in (lambda: os.rmdir(here), lambda: os.rename(here, here + "2"), lambda: os.symlink("/", here)):
    try:
        attempt()
    except OSError:
        continue
#%% next
open("probe", "w").write("fine")
print("fine")
