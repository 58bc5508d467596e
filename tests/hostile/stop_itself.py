"""Law: a program that stops itself is ended."""
# oracle: late
# kinds: timeout crashed blocked_call runtime_error no_file
# kept: under a weaker runner no one would ever start it again
import os, signal
os.kill(os.getpid(), signal.SIGSTOP)
raise SystemExit(0)
