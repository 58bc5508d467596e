"""Law: a flood of errors in one endless line is cut as well."""
# oracle: flood
# kinds: output_flood timeout no_file runtime_error crashed
import os
block = b"\xff" * 2**20
for _ in range(512):
    os.write(2, block)
