"""Law: files without a name count like any other."""
# oracle: claim
# soft: process -- a quota that is polled by names does not see them until they end with the program
import os
block, written, held = b"x" * 2**20, 0, []
for number in range(200):
    try:
        stream = open(f"{number}", "wb", buffering=0)
        os.unlink(f"{number}")
        held.append(stream)
        for _ in range(2):
            written += stream.write(block)
    except OSError:
        break
if written > int("@SCRATCH_BYTES@") + 2**20:
    print("CLAIM @TOKEN@ wrote", written, "bytes")
