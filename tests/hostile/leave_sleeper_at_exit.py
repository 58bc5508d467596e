"""Law: a program that will not leave at its exit is ended like any other."""
# oracle: late
import atexit, threading, time
atexit.register(time.sleep, 20)
threading.Thread(target=time.sleep, args=(20,)).start()
