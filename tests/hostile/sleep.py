"""Law: a program that does nothing for ever is ended."""
# oracle: late
import time
time.sleep(20)
