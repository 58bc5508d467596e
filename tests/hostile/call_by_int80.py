"""Law: the 32-bit way into the kernel, which has other numbers, is closed."""
# oracle: claim
# only: x86_64
import ctypes, mmap
code = bytes.fromhex("53b814000000cd805bc3")
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(code)
address = ctypes.addressof(ctypes.c_char.from_buffer(page))
if ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0:
    print("CLAIM @TOKEN@ called by int 0x80", flush=True)
