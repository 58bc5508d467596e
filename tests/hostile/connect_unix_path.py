"""Law: a program reaches no socket of the host in the file system."""
# oracle: network
import socket
one = socket.socket(socket.AF_UNIX)
one.connect("@UNIX@")
one.sendall(b"@TOKEN@")
