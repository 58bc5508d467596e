"""Law: no thread gets a table of descriptors, and so a limit, of its own."""
# oracle: claim
# only: x86_64
import ctypes, os, threading
libc = ctypes.CDLL(None, use_errno=True)
counts = []
def hold():
    if libc.syscall(436, 4000, 4001, 2) != 0:
        return
    held = 0
    try:
        while held < 60:
            os.dup(0)
            held += 1
    except OSError:
        pass
    counts.append(held)
threads = [threading.Thread(target=hold) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
if sum(counts) > 70:
    print("CLAIM @TOKEN@ holds", counts, "descriptors")
