"""Law: a program does not get at its own memory as at a file, past what is write-protected."""
# oracle: claim
with open("/proc/self/mem", "r+b", buffering=0) as memory:
    memory.seek(id(memory))
    held = memory.read(1)
    memory.seek(id(memory))
    memory.write(held)
    print("CLAIM @TOKEN@ wrote its memory as a file")
