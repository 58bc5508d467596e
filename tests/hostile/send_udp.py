"""Law: a datagram of a program arrives nowhere."""
# oracle: network
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"@TOKEN@", ("127.0.0.1", int("@UDP@")))
