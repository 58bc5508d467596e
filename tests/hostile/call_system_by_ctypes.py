"""Law: libc reached through ctypes starts no shell."""
# oracle: canary
import ctypes
ctypes.CDLL(None).system(b"echo escaped > @DROP@/made")
