"""Law: what a program writes into the folders for temporary files never shows on the host."""
# oracle: canary
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run/lock"):
    try:
        open(f"{folder}/@TOKEN@", "w").write("escaped")
    except OSError:
        continue
