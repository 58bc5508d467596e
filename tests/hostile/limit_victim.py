"""Law: a program cannot change the limits of a process of the host."""
# oracle: victim
import resource
resource.prlimit(int("@PID@"), resource.RLIMIT_CORE, (0, 0))
