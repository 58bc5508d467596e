"""Law: the settings of the worker cannot be changed for the next program."""
# oracle: next
# kept: only a worker that lives on has memory that two programs see; the weaker runners start a new interpreter each time
import gc, mmap, os
for held in gc.get_objects():
    if isinstance(held, (bytearray, memoryview, mmap.mmap)):
        try:
            held[:] = b"\xff" * len(held)
        except (TypeError, ValueError, BufferError):
            continue
for held in [held for held in gc.get_objects() if type(held) is dict and "limits" in held]:
    held.clear()
os._exit(0)
#%% next
print("fine")
