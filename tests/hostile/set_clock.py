"""Law: a program cannot set the clock."""
# oracle: claim
# kept: a weaker runner that let it through would set the clock of the machine that the tests run on
import time
time.clock_settime(time.CLOCK_REALTIME, time.time())
print("CLAIM @TOKEN@ set the clock")
