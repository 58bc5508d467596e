"""Law: threads share one limit on descriptors, however they were made."""
# oracle: claim
# only: x86_64
import ctypes, mmap, os, time
CLONE_VM, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD = 0x100, 0x200, 0x800, 0x10000
libc = ctypes.CDLL(None, use_errno=True)
libc.clone.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
# A thread in machine code: dup(0) until it fails, each time writing the count 100 bytes on; then pause().
code = bytes.fromhex("31db b820000000 31ff 0f05 85c0 780a ffc3 891d4d000000 ebe9 b822000000 0f05 ebf7")
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
base = ctypes.addressof(ctypes.c_char.from_buffer(page))
made = 0
for number in range(6):
    stack = ctypes.create_string_buffer(65536)
    top = (ctypes.addressof(stack) + 65536) & ~15
    at = number * 128
    page[at:at + len(code)] = code
    if libc.clone(base + at, top, CLONE_VM | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD, None) > 0:
        made += 1
time.sleep(0.3)
counts = [int.from_bytes(page[n * 128 + 100:n * 128 + 104], "little") for n in range(6)]
if made and sum(counts) > 70:
    print("CLAIM @TOKEN@ holds", counts, "descriptors", flush=True)
os._exit(0)
