"""Law: a flood that the kernel copies out of a file is cut as well."""
# oracle: flood
# kinds: output_flood timeout no_file runtime_error crashed
import os
with open("much", "wb") as stream:
    stream.write(b"x" * 2**22)
with open("much", "rb") as stream:
    for _ in range(128):
        offset = 0
        while offset < 2**22:
            offset += os.sendfile(1, stream.fileno(), offset, 2**22)
