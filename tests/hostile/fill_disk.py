"""Law: a program writes no more than its scratch may hold."""
# oracle: claim
# soft: process -- a quota that is polled cuts late
import os
block, written = b"x" * 2**20, 0
for number in range(200):
    try:
        with open(f"{number}", "wb", buffering=0) as stream:
            for _ in range(2):
                written += stream.write(block)
    except OSError:
        break
if written > int("@SCRATCH_BYTES@") + 2**20:
    print("CLAIM @TOKEN@ wrote", written, "bytes")
