"""Law: a flood in one call of many parts is cut as well."""
# oracle: flood
# kinds: output_flood timeout no_file runtime_error crashed
import os
parts = [b"x" * 65536] * 1024
for _ in range(8):
    os.writev(1, parts)
