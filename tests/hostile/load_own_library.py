"""Law: bytes that the program wrote are not loaded as a library from its scratch folder."""
# oracle: claim
# soft: process -- without a mount of its own the scratch folder cannot be noexec; what is loaded is still under the same filter
import ctypes, ctypes.util, glob, shutil
source = next(iter(glob.glob("/lib/x86_64-linux-gnu/libz.so*") + glob.glob("/usr/lib/*/libm.so.6") + glob.glob("/lib/*/libm.so.6")))
shutil.copyfile(source, "own.so")
ctypes.CDLL("./own.so")
print("CLAIM @TOKEN@ loaded a library of my own")
