"""Law: no process outlives the program, whatever session or parent it took."""
# oracle: alive
import ctypes, os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(15, b"@NAME@", 0, 0, 0)
        for descriptor in range(3):
            os.close(descriptor)
        time.sleep(15)
    os._exit(0)
time.sleep(0.2)
