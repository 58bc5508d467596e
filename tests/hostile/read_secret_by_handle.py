"""Law: a file handle made by name cannot be opened around the folders that are visible."""
# oracle: secret
# only: x86_64
import ctypes, os, struct
libc = ctypes.CDLL(None, use_errno=True)
handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + b"\0" * 128)
mount = ctypes.c_int()
if libc.syscall(303, -100, b"@SECRET_FILE@", handle, ctypes.byref(mount), 0) == 0:
    folder = os.open(os.path.dirname("@SECRET_FILE@"), os.O_RDONLY)
    descriptor = libc.syscall(304, folder, handle, os.O_RDONLY)
    print(os.read(descriptor, 1000))
