"""Law: descriptors cannot be passed, not even to oneself."""
# oracle: claim
import os, socket
one, other = socket.socketpair()
socket.send_fds(one, [b"x"], [0])
if socket.recv_fds(other, 1, 1)[1]:
    print("CLAIM @TOKEN@ passed a descriptor")
