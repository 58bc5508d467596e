"""Law: a program reaches no port of the host by IPv6 either."""
# oracle: network
import socket
socket.create_connection(("::1", int("@PORT6@")), timeout=1).sendall(b"@TOKEN@")
