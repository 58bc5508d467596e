"""Law: no call answers whether a process of the host exists."""
# oracle: claim
# only: x86_64
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
room = ctypes.create_string_buffer(1024)
calls = {
    "getpgid": (121, @PID@),
    "getsid": (124, @PID@),
    "sched_getaffinity": (204, @PID@, 1024, room),
    "sched_getparam": (143, @PID@, room),
    "sched_getscheduler": (145, @PID@),
    "sched_getattr": (315, @PID@, room, 56, 0),
    "sched_rr_get_interval": (148, @PID@, room),
    "getpriority": (140, 0, @PID@),
    "ioprio_get": (252, 1, @PID@),
    "prlimit64": (302, @PID@, 7, None, room),
    "get_robust_list": (274, @PID@, room, room),
    "kill": (62, @PID@, 0),
    "pidfd_open": (434, @PID@, 0),
    "move_pages": (279, @PID@, 0, None, None, None, 0),
    "process_madvise": (440, @PID@, room, 0, 0, 0),
}
found = [name for name, arguments in calls.items() if libc.syscall(*arguments) >= 0]
if found:
    print("CLAIM @TOKEN@ found a process by", *found)
