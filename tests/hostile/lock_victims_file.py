"""Law: a file of the host that may be read cannot be locked against others."""
# oracle: claim
import fcntl
with open("@CANARY@") as stream:
    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("CLAIM @TOKEN@ locked a file of the host")
