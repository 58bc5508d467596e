"""Law: processor time counts over all threads, and work outside the interpreter's lock counts too."""
# oracle: late
import hashlib, threading, time
until = time.monotonic() + 20
def work():
    block = b"x" * 10**7
    while time.monotonic() < until:
        hashlib.sha256(block).digest()
for _ in range(8):
    threading.Thread(target=work).start()
