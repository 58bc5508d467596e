"""Law: no number of parent folders leads to a file of the host."""
# oracle: secret
import os
descriptor = os.open(".", os.O_RDONLY)
for _ in range(64):
    descriptor = os.open("..", os.O_RDONLY, dir_fd=descriptor)
print(open(os.open("@SECRET_FILE@".lstrip("/"), os.O_RDONLY, dir_fd=descriptor)).read())
