"""Law: a program makes no more files than its scratch may hold."""
# oracle: claim
# soft: process -- a quota that is polled cuts late
made = 0
for number in range(5000):
    try:
        open(f"{number}", "w").close()
        made += 1
    except OSError:
        break
if made > int("@SCRATCH_INODES@"):
    print("CLAIM @TOKEN@ made", made, "files")
