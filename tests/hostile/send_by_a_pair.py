"""Law: a pair of connected sockets reaches only itself."""
# oracle: network
import socket
for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
    try:
        one, other = socket.socketpair(socket.AF_UNIX, kind)
    except OSError:
        continue
    for attempt in (
        lambda: one.sendto(b"@TOKEN@", "@UNIX@"),
        lambda: one.sendmsg([b"@TOKEN@"], [], 0, "@UNIX@"),
        lambda: (one.connect("@UNIX@"), one.sendall(b"@TOKEN@")),
        lambda: one.bind("@UNIX@.too"),
    ):
        try:
            attempt()
        except OSError:
            pass
