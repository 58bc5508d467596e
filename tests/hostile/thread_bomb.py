"""Law: a program cannot fill the machine with threads."""
# oracle: crowd
import threading, time
threading.stack_size(65536)
for _ in range(1500):
    threading.Thread(target=time.sleep, args=(1.5,), daemon=True).start()
time.sleep(1)
