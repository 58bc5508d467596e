"""Law: space that is reserved and never written counts like any other."""
# oracle: claim
# soft: process -- a quota that is polled cuts late
import os
reserved = 0
for number in range(60):
    try:
        descriptor = os.open(f"{number}", os.O_CREAT | os.O_WRONLY)
        os.posix_fallocate(descriptor, 0, 4 * 2**20)
        reserved += os.fstat(descriptor).st_blocks * 512
    except OSError:
        break
if reserved > int("@SCRATCH_BYTES@") + 2**20:
    print("CLAIM @TOKEN@ reserved", reserved, "bytes")
