"""Law: memory behind a descriptor counts like any other."""
# oracle: memory
import os, time
held, block = os.memfd_create("x", 0), b"x" * 1024**2
for _ in range(1280):
    os.write(held, block)
time.sleep(0.5)
