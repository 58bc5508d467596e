"""Law: a signal that a program sends itself is not the limit on processor time."""
# oracle: kind
# kept: only the label of its end is at stake
# kinds: crashed
import os, signal
os.kill(os.getpid(), signal.SIGXCPU)
