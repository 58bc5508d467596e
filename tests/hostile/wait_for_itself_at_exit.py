"""Law: a program whose thread never ends, so that its own end never comes, is ended."""
# oracle: late
import threading
held = threading.Lock()
held.acquire()
threading.Thread(target=held.acquire, kwargs={"timeout": 20}).start()
