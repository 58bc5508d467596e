"""Law: no rare family of sockets can be opened."""
# oracle: claim
import socket
for family, kind, protocol in ((16, 3, 0), (17, 3, 0), (40, 1, 0), (38, 5, 0), (29, 3, 1), (2, 3, 1), (44, 3, 0), (31, 3, 1)):
    try:
        socket.socket(family, kind, protocol)
        print("CLAIM @TOKEN@ opened a socket of family", family)
    except OSError:
        continue
