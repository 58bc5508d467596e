"""Law: a program that stops or kills its own parent harms no later run."""
# oracle: next
# kept: the parent of a program under a weaker runner is the harness itself, which this would end
import os, signal
for sign in (signal.SIGSTOP, signal.SIGKILL):
    try:
        os.kill(os.getppid(), sign)
    except OSError:
        continue
#%% next
print("fine")
