"""Law: a descriptor that names a folder without opening it leads to no file below it."""
# oracle: secret
import os
place = os.open("@FOLDER@", os.O_PATH | os.O_DIRECTORY)
name = "@SECRET_FILE@".rpartition("/")[2]
os.chdir(place)
for way in (lambda: os.open(name, os.O_RDONLY, dir_fd=place), lambda: os.open(name, os.O_RDONLY),
            lambda: os.open("/proc/self/fd/%d" % os.open(name, os.O_PATH, dir_fd=place), os.O_RDONLY)):
    try:
        print(os.read(way(), 100))
    except OSError:
        continue
