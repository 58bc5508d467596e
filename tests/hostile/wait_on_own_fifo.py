"""Law: a program that waits for itself is ended."""
# oracle: late
# kept: a weaker runner would wait for ever, since nothing in it ends
import os
os.mkfifo("mine")
open("mine").read()
