"""Law: a program cannot rename a file of the host."""
# oracle: canary
import os
os.rename("@CANARY@", "@CANARY@.moved")
