"""Law: files in /tmp count together with those in the scratch folder."""
# oracle: claim
# soft: process -- a quota that is polled cuts late
import os
block, written = b"x" * 2**20, 0
for number in range(20):
    for folder in (".", "/tmp", "/var/tmp", "/dev/shm"):
        try:
            with open(f"{folder}/@TOKEN@-{number}", "wb", buffering=0) as stream:
                for _ in range(2):
                    written += stream.write(block)
        except OSError:
            continue
kept = 0
for folder in (".", "/tmp", "/var/tmp", "/dev/shm"):
    for number in range(20):
        try:
            kept += os.path.getsize(f"{folder}/@TOKEN@-{number}")
            os.unlink(f"{folder}/@TOKEN@-{number}")
        except OSError:
            continue
if kept > int("@SCRATCH_BYTES@") + 2**20:
    print("CLAIM @TOKEN@ kept", kept, "bytes")
