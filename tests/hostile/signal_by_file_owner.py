"""Law: a process of the host gets no signal by way of a file's owner."""
# oracle: victim
import fcntl, os, signal
reading, writing = os.pipe()
fcntl.fcntl(reading, fcntl.F_SETOWN, int("@PID@"))
fcntl.fcntl(reading, 10, signal.SIGTERM)
fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
os.write(writing, b"x")
