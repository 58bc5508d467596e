"""Law: a program leaves no POSIX message queue for the next one."""
# oracle: next
import ctypes, os
libc = ctypes.CDLL("librt.so.1", use_errno=True)
libc.mq_open(b"/@TOKEN@", os.O_CREAT | os.O_RDWR, 0o666, None)
#%% next
import ctypes, os
libc = ctypes.CDLL("librt.so.1", use_errno=True)
if libc.mq_open(b"/@TOKEN@", os.O_RDWR) >= 0:
    libc.mq_unlink(b"/@TOKEN@")
    print("CLAIM @TOKEN@ found a queue")
