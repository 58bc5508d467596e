"""Law: full pairs of sockets are no store without bounds."""
# oracle: claim
import socket
held, filled = [], 0
for _ in range(400):
    try:
        one, other = socket.socketpair()
        held += [one, other]
        for end in (one, other):
            end.setblocking(False)
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1024**2)
            except OSError:
                pass
            try:
                while True:
                    filled += end.send(b"x" * 65536)
            except BlockingIOError:
                pass
    except OSError:
        break
if filled > 40 * 1024**2:
    print("CLAIM @TOKEN@ stored", filled, "bytes in sockets")
