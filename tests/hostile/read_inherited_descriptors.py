"""Law: the program inherits no open file of the harness."""
# oracle: secret
import os
for descriptor in range(3, 256):
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        print(os.read(descriptor, 4096))
    except OSError:
        continue
