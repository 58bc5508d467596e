"""Law: two streams that alternate and never end do not delay the harness."""
# oracle: late
import os, time
until = time.monotonic() + 20
while time.monotonic() < until:
    os.write(1, b"a\n")
    os.write(2, b"b\n")
    time.sleep(0.001)
