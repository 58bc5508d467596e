"""Law: a flood of output is cut and costs the harness no memory."""
# oracle: flood
# kinds: output_flood timeout no_file runtime_error crashed
import os
block = b"x" * 2**20
for _ in range(512):
    os.write(1, block)
