"""Law: data sent with the first packet, without connect, goes nowhere."""
# oracle: network
import socket
one = socket.socket()
one.sendto(b"@TOKEN@", 0x20000000, ("127.0.0.1", int("@PORT@")))
