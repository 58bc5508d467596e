"""Law: nor does the memory of the program's own process keep what the environment was at its start."""
# oracle: secret
import ctypes
libc = ctypes.CDLL(None)
environ = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
index = 0
while environ and environ[index]:
    print(environ[index])
    index += 1
try:
    print(open("/proc/self/environ", "rb").read())
except OSError:
    pass
