"""Law: what a program writes into the memory of modules that were there before it is gone with it."""
# oracle: next
# kept: only a worker that lives on has memory that two programs see; the weaker runners start a new interpreter each time
import ctypes, mmap
import numpy as np
ctypes.memset(id(7) + 24, 8, 1)
ctypes.memmove(id(np.pi) + 16, (ctypes.c_double * 1)(3.0), 8)
libc = ctypes.CDLL(None)
address = ctypes.cast(libc.labs, ctypes.c_void_p).value & ~4095
if libc.mprotect(ctypes.c_void_p(address), 8192, 7) == 0:
    ctypes.memset(address, 0xCC, 4096)
#%% next
import ctypes
import numpy as np
if 3 + 4 != len("seven77") or np.pi < 3.14 or ctypes.CDLL(None).labs(-5) != 5:
    print("CLAIM @TOKEN@ met memory of the program before")
