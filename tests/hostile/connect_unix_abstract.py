"""Law: a program reaches no abstract socket of the host."""
# oracle: network
import socket
one = socket.socket(socket.AF_UNIX)
one.connect("\0@TOKEN@")
one.sendall(b"@TOKEN@")
