"""Law: a program offers no port on the host."""
# oracle: listens
import socket, time
one = socket.socket()
one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
one.bind(("127.0.0.1", int("@FREE_PORT@")))
one.listen()
time.sleep(1)
