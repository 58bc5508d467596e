"""Law: a flood that begins when the program is at its end is cut as well."""
# oracle: flood
# kinds: output_flood timeout no_file runtime_error crashed
import atexit, os, threading
def flood():
    for _ in range(512):
        os.write(2, b"x" * 2**20)
atexit.register(flood)
threading.Thread(target=flood).start()
