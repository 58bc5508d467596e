"""Law: a signal that a program sends itself is not a call that the sandbox refused."""
# oracle: kind
# kept: only the label of its end is at stake
# kinds: crashed
import os, signal
os.kill(os.getpid(), signal.SIGSYS)
