"""Law: a program that takes every limit of its own away leaves none of that to the next."""
# oracle: next
# kept: only a worker that lives on can be harmed; the weaker runners start a new interpreter each time
import os, resource
for name in ("RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_STACK", "RLIMIT_DATA", "RLIMIT_AS", "RLIMIT_SIGPENDING"):
    resource.setrlimit(getattr(resource, name), (0, 0))
os._exit(0)
#%% next
import threading
open("file", "w").write("x" * 100000)
thread = threading.Thread(target=print, args=("fine",))
thread.start()
thread.join()
