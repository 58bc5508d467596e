"""Law: a program cannot start the interpreter anew, and so shed what was loaded into it."""
# oracle: claim
import os, sys
os.execv(sys.executable, [sys.executable, "-c", "print('CLAIM @TOKEN@ became a new interpreter')"])
