"""Law: files that live in memory count like any other."""
# oracle: memory
import os, time
block = b"x" * 1024**2
path = "/dev/shm/@TOKEN@"
try:
    with open(path, "wb") as stream:
        for _ in range(1280):
            stream.write(block)
    time.sleep(0.5)
finally:
    if os.path.exists(path):
        os.unlink(path)
