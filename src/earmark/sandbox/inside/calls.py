"""System calls by name and number, per processor, and what a program gets for each.

The numbers are the kernel's interface and never change. A call in no table does not exist for a
program (ENOSYS).
"""


def _table(text: str) -> dict[str, int]:
    pairs = [entry.split(":") for entry in text.split()]
    return {name: int(number) for name, number in pairs}


# Harmless in one confined process without network.
ALLOWED = {
    "x86_64": _table(
        """
    read:0 write:1 readv:19 writev:20 pread64:17 pwrite64:18 preadv:295 pwritev:296 preadv2:327
    pwritev2:328 creat:85 close:3 stat:4 fstat:5 lstat:6 newfstatat:262 statx:332 lseek:8
    access:21 faccessat:269 faccessat2:439 readlink:89 readlinkat:267 dup:32 dup2:33 dup3:292
    pipe:22 pipe2:293 select:23 pselect6:270 poll:7 ppoll:271 epoll_create:213 epoll_create1:291
    epoll_ctl:233 epoll_wait:232 epoll_pwait:281 eventfd2:290 mmap:9 munmap:11 mprotect:10
    mremap:25 madvise:28 msync:26 brk:12 mincore:27 getpid:39 gettid:186 getppid:110 getuid:102
    geteuid:107 getgid:104 getegid:108 getgroups:115 getresuid:118 getresgid:120 getpgrp:111
    uname:63 getcwd:79 chdir:80 fchdir:81 mkdir:83 mkdirat:258 rmdir:84 unlink:87 unlinkat:263
    rename:82 renameat:264 renameat2:316 ftruncate:77 fallocate:285 fsync:74 fdatasync:75
    fadvise64:221 sendfile:40 copy_file_range:326 getdents:78 getdents64:217 flock:73 statfs:137
    fstatfs:138 getrandom:318 nanosleep:35 gettimeofday:96 time:201 times:100 getrusage:98
    getrlimit:97 setrlimit:160 sysinfo:99 sched_yield:24 sched_get_priority_max:146
    sched_get_priority_min:147 futex:202 futex_waitv:449 set_robust_list:273 rseq:334
    set_tid_address:218 membarrier:324 getcpu:309 rt_sigaction:13 rt_sigprocmask:14
    rt_sigreturn:15 rt_sigsuspend:130 rt_sigpending:127 rt_sigtimedwait:128 sigaltstack:131
    alarm:37 setitimer:38 getitimer:36 pause:34 timer_settime:223 timer_gettime:224
    timer_getoverrun:225 timer_delete:226 restart_syscall:219 exit:60 exit_group:231 wait4:61
    waitid:247 umask:95
        """
    ),
    "aarch64": _table(
        """
    read:63 write:64 readv:65 writev:66 pread64:67 pwrite64:68 preadv:69 pwritev:70 preadv2:286
    pwritev2:287 close:57 fstat:80 newfstatat:79 statx:291 lseek:62 faccessat:48 faccessat2:439
    readlinkat:78 dup:23 dup3:24 pipe2:59 pselect6:72 ppoll:73 epoll_create1:20 epoll_ctl:21
    epoll_pwait:22 eventfd2:19 mmap:222 munmap:215 mprotect:226 mremap:216 madvise:233 msync:227
    brk:214 mincore:232 getpid:172 gettid:178 getppid:173 getuid:174 geteuid:175 getgid:176
    getegid:177 getgroups:158 getresuid:148 getresgid:150 uname:160 getcwd:17 chdir:49 fchdir:50
    mkdirat:34 unlinkat:35 renameat:38 renameat2:276 ftruncate:46 fallocate:47 fsync:82
    fdatasync:83 fadvise64:223 sendfile:71 copy_file_range:285 getdents64:61 flock:32 statfs:43
    fstatfs:44 getrandom:278 nanosleep:101 gettimeofday:169 times:153 getrusage:165
    getrlimit:163 setrlimit:164 sysinfo:179 sched_yield:124 sched_get_priority_max:125
    sched_get_priority_min:126 futex:98 futex_waitv:449 set_robust_list:99 rseq:293
    set_tid_address:96 membarrier:283 getcpu:168 rt_sigaction:134 rt_sigprocmask:135
    rt_sigreturn:139 rt_sigsuspend:133 rt_sigpending:136 rt_sigtimedwait:137 sigaltstack:132
    setitimer:103 getitimer:102 timer_settime:110 timer_gettime:108 timer_getoverrun:109
    timer_delete:111 restart_syscall:128 exit:93 exit_group:94 wait4:260 waitid:95 umask:166
        """
    ),
}
# Refused with EPERM, so that a program learns that it was blocked.
REFUSED = {
    "x86_64": _table(
        """
    fork:57 vfork:58 execve:59 execveat:322 socket:41 connect:42 bind:49 listen:50
    accept:43 accept4:288 sendmsg:46 sendmmsg:307 recvmsg:47 recvmmsg:299
    shutdown:48 getsockname:51 getpeername:52 getsockopt:55 setsockopt:54 tkill:200
    rt_sigqueueinfo:129 rt_tgsigqueueinfo:297 pidfd_open:434 pidfd_send_signal:424
    pidfd_getfd:438 ptrace:101 process_vm_readv:310 process_vm_writev:311 kcmp:312 link:86
    linkat:265 symlink:88 symlinkat:266 mknod:133 mknodat:259 chown:92 fchown:93 lchown:94
    fchownat:260 setxattr:188 lsetxattr:189 fsetxattr:190 removexattr:197 lremovexattr:198
    fremovexattr:199 mount:165 umount2:166 pivot_root:155 chroot:161 unshare:272 setns:308
    setuid:105 setgid:106 setreuid:113 setregid:114 setresuid:117 setresgid:119 setgroups:116
    setfsuid:122 setfsgid:123 capset:126 setpgid:109 setsid:112 setpriority:141 ioprio_set:251
    sched_setscheduler:144 sched_setparam:142 sched_setattr:314 personality:135 mlock:149
    mlock2:325 mlockall:151 memfd_create:319 memfd_secret:447 shmget:29 shmat:30 shmctl:31
    msgget:68 msgsnd:69 msgrcv:70 msgctl:71 semget:64 semop:65 semctl:66 mq_open:240
    mq_unlink:241 keyctl:250 add_key:248 request_key:249 bpf:321 perf_event_open:298
    userfaultfd:323 io_uring_setup:425 inotify_init:253 inotify_init1:294 inotify_add_watch:254
    fanotify_init:300 name_to_handle_at:303 open_by_handle_at:304 sethostname:170
    setdomainname:171 settimeofday:164 clock_settime:227 clock_adjtime:305 adjtimex:159
    reboot:169 syslog:103 swapon:167 swapoff:168 quotactl:179 acct:163 init_module:175
    finit_module:313 delete_module:176 kexec_load:246 iopl:172 ioperm:173 vhangup:153 mbind:237
    migrate_pages:256 move_pages:279 set_mempolicy:238 signalfd4:289 timerfd_create:283
        """
    ),
    "aarch64": _table(
        """
    execve:221 execveat:281 socket:198 connect:203 bind:200 listen:201 accept:202
    accept4:242 sendmsg:211 sendmmsg:269 recvmsg:212 recvmmsg:243
    shutdown:210 getsockname:204 getpeername:205 getsockopt:209 setsockopt:208 tkill:130
    rt_sigqueueinfo:138 rt_tgsigqueueinfo:240 pidfd_open:434 pidfd_send_signal:424
    pidfd_getfd:438 ptrace:117 process_vm_readv:270 process_vm_writev:271 kcmp:272 linkat:37
    symlinkat:36 mknodat:33 fchown:55 fchownat:54 setxattr:5 lsetxattr:6 fsetxattr:7
    removexattr:14 lremovexattr:15 fremovexattr:16 mount:40 umount2:39 pivot_root:41 chroot:51
    unshare:97 setns:268 setuid:146 setgid:144 setreuid:145 setregid:143 setresuid:147
    setresgid:149 setgroups:159 setfsuid:151 setfsgid:152 capset:91 setpgid:154 setsid:157
    setpriority:140 ioprio_set:30 sched_setscheduler:119 sched_setparam:118 sched_setattr:274
    personality:92 mlock:228 mlock2:284 mlockall:230 memfd_create:279 memfd_secret:447
    shmget:194 shmat:196 shmctl:195 msgget:186 msgsnd:189 msgrcv:188 msgctl:187 semget:190
    semop:193 semctl:191 mq_open:180 mq_unlink:181 keyctl:219 add_key:217 request_key:218
    bpf:280 perf_event_open:241 userfaultfd:282 io_uring_setup:425 inotify_init1:26
    inotify_add_watch:27 fanotify_init:262 sethostname:161 setdomainname:162 settimeofday:170
    clock_settime:112 clock_adjtime:266 adjtimex:171 reboot:142 syslog:116 swapon:224
    swapoff:225 quotactl:60 acct:89 init_module:105 finit_module:273 delete_module:106
    kexec_load:104 vhangup:58 mbind:235 migrate_pages:238 move_pages:239 set_mempolicy:237
    signalfd4:74 timerfd_create:85
        """
    ),
}
# Answered as if they had succeeded: shutil.copy and Path.touch call them, no program needs what
# they change in its scratch folder, and Landlock would let them change files of the host.
IGNORED = {
    "x86_64": _table(
        """
    chmod:90 fchmod:91 fchmodat:268 utime:132 utimes:235 utimensat:280 futimesat:261
    fchmodat2:452
        """
    ),
    "aarch64": _table(
        """
    fchmod:52 fchmodat:53 utimensat:88 fchmodat2:452
        """
    ),
}
# Refused with EOPNOTSUPP, the answer of a file system without such labels, which shutil.copy2
# expects.
UNSUPPORTED = {
    "x86_64": _table(
        """
    getxattr:191 lgetxattr:192 fgetxattr:193 listxattr:194 llistxattr:195 flistxattr:196
        """
    ),
    "aarch64": _table(
        """
    getxattr:8 lgetxattr:9 fgetxattr:10 listxattr:11 llistxattr:12 flistxattr:13
        """
    ),
}
# Allowed or refused by their arguments, or by what else protects: see filter.py.
JUDGED = {
    "x86_64": _table(
        """
    clone:56 clone3:435 kill:62 tgkill:234 prctl:157 ioctl:16 fcntl:72 prlimit64:302
    sched_setaffinity:203 arch_prctl:158 open:2 openat:257 clock_gettime:228 clock_getres:229
    clock_nanosleep:230 timer_create:222 truncate:76 close_range:436 getpgid:121 getsid:124
    sched_getaffinity:204 sched_getparam:143 sched_getscheduler:145 socketpair:53 sendto:44
    recvfrom:45
        """
    ),
    "aarch64": _table(
        """
    clone:220 clone3:435 kill:129 tgkill:131 prctl:167 ioctl:29 fcntl:25 prlimit64:261
    sched_setaffinity:122 openat:56 clock_gettime:113 clock_getres:114 clock_nanosleep:115
    timer_create:107 truncate:45 close_range:436 getpgid:155 getsid:156 sched_getaffinity:123
    sched_getparam:121 sched_getscheduler:120 socketpair:199 sendto:206 recvfrom:207
        """
    ),
}
