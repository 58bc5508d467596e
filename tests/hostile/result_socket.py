"""Law: a socket in place of the result is refused."""
# oracle: kind
# kinds: not_a_wav blocked_call runtime_error
import socket
socket.socket(socket.AF_UNIX).bind("out.wav")
