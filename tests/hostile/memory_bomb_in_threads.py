"""Law: what many threads take at once is bounded together."""
# oracle: memory
import threading, time
held = []
def fill():
    held.append(bytearray(b"x") * (40 * 1024**2))
    time.sleep(1)
for _ in range(40):
    try:
        threading.Thread(target=fill, daemon=True).start()
    except RuntimeError:
        break
time.sleep(1)
