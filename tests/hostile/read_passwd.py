"""Law: the accounts of the machine cannot be read."""
# oracle: claim
for path in ("/etc/passwd", "/etc/shadow", "/etc/hosts", "/etc/machine-id"):
    try:
        if open(path).read():
            print("CLAIM @TOKEN@ read", path)
    except OSError:
        continue
