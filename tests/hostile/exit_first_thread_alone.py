"""Law: a process whose first thread is gone and whose others live on is ended."""
# oracle: late
# only: x86_64
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(20,)).start()
ctypes.CDLL(None).syscall(60, 0)
