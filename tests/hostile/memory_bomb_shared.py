"""Law: shared memory counts like any other."""
# oracle: memory
import mmap, time
held = []
for _ in range(40):
    block = mmap.mmap(-1, 32 * 1024**2)
    block[:] = b"x" * len(block)
    held.append(block)
time.sleep(0.5)
