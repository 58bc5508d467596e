"""Law: no data is sent out of band, a corner of the kernel that had holes."""
# oracle: claim
import socket
one, other = socket.socketpair()
try:
    one.send(b"x", socket.MSG_OOB)
    print("CLAIM @TOKEN@ sent out of band")
except OSError:
    pass
