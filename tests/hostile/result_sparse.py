"""Law: a file with a hole of a hundred gigabytes is refused by its size, or never comes to be."""
# oracle: kind
# kinds: out_of_limits runtime_error crashed
import os
with open("out.wav", "wb") as stream:
    os.truncate(stream.fileno(), 100 * 1024**3)
