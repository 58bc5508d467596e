"""Law: a program cannot write into a file of the host."""
# oracle: canary
with open("@CANARY@", "r+") as stream:
    stream.write("escaped")
