"""Law: a program reaches no port of the host."""
# oracle: network
import socket
socket.create_connection(("127.0.0.1", int("@PORT@")), timeout=1).sendall(b"@TOKEN@")
