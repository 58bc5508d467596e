"""Law: walking the tree from its root meets no file of the host."""
# oracle: secret
import os, time
until = time.monotonic() + 1.5
ways = ["@FOLDER@", os.path.expanduser("~"), "/tmp", "/home", "/root", "/"]
for way in ways:
    for folder, folders, names in os.walk(way):
        folders[:] = [name for name in folders if name not in ("proc", "sys")]
        for name in names:
            if name == "@TOKEN@.secret":
                print(open(os.path.join(folder, name)).read())
                raise SystemExit
        if time.monotonic() > until:
            break
