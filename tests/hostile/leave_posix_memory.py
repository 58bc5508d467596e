"""Law: a program leaves no POSIX shared memory on the host."""
# oracle: canary
from multiprocessing import resource_tracker, shared_memory
resource_tracker.register = lambda *a: None
shared_memory.SharedMemory(name="@TOKEN@", create=True, size=4096)
