"""Law: no watch on what happens to files of the host."""
# oracle: claim
# only: x86_64
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
watch = libc.inotify_init1(0)
if watch >= 0 and libc.inotify_add_watch(watch, b"@FOLDER@", 0x00000FFF) >= 0:
    print("CLAIM @TOKEN@ watches a folder of the host")
if libc.syscall(300, 0, 0) >= 0:
    print("CLAIM @TOKEN@ watches every file")
