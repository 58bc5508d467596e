"""Law: a mapped result that is cut under its own writer is a crash of the program's own."""
# oracle: kind
# kinds: crashed
import mmap, os
with open("out.wav", "w+b") as stream:
    stream.truncate(2**20)
    held = mmap.mmap(stream.fileno(), 2**20)
    stream.truncate(0)
    held[:] = b"x" * 2**20
