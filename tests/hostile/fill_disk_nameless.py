"""Law: files that never had a name count like any other."""
# oracle: claim
# soft: process -- a quota that is polled by names does not see them until they end with the program
import os
block, written, held = b"x" * 2**20, 0, []
for _ in range(40):
    try:
        held.append(os.open(".", os.O_TMPFILE | os.O_WRONLY, 0o600))
        for _ in range(7):
            written += os.write(held[-1], block)
    except OSError:
        break
if written > int("@SCRATCH_BYTES@") + 2**20:
    print("CLAIM @TOKEN@ wrote", written, "bytes")
