"""Law: calls that no synthesis needs are refused before they look at their arguments."""
# oracle: claim
# only: x86_64
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
refused = {errno.EPERM, errno.ENOSYS, errno.EACCES}
calls = {"kexec_load": 246, "init_module": 175, "delete_module": 176, "quotactl": 179, "acct": 163, "swapon": 167, "iopl": 172, "pivot_root": 155,
         "kcmp": 312, "move_pages": 279, "add_key": 248, "request_key": 249, "keyctl": 250, "lookup_dcookie": 212, "vmsplice": 278, "name_to_handle_at": 303,
         "syslog": 103, "settimeofday": 164, "sethostname": 170, "mq_open": 240, "shmat": 30, "memfd_secret": 447,
         "process_madvise": 440, "remap_file_pages": 216, "modify_ldt": 154, "ustat": 136, "sysfs": 139, "uselib": 134}
for name, number in calls.items():
    ctypes.set_errno(0)
    if libc.syscall(number, -1, -1, -1, -1, -1) == -1 and ctypes.get_errno() not in refused:
        print("CLAIM @TOKEN@ reached", name, errno.errorcode.get(ctypes.get_errno()))
