"""Law: full pipes and sockets are no store without bounds."""
# oracle: claim
import fcntl, os
held, filled = [], 0
for _ in range(400):
    try:
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        fcntl.fcntl(writing, 1031, 1024**2)
        filled += os.write(writing, b"x" * 1024**2)
        held.append((reading, writing))
    except OSError:
        break
if filled > 300 * 1024**2:
    print("CLAIM @TOKEN@ stored", filled, "bytes in pipes")
