"""Law: a program cannot name the machine."""
# oracle: claim
import socket
socket.sethostname(socket.gethostname())
print("CLAIM @TOKEN@ named the machine")
