"""Law: nothing can be typed into the terminal from which the harness was started."""
# oracle: claim
# kept: the tests have no terminal to type into; the call must be refused before a terminal is looked for
import fcntl
for descriptor in range(3):
    try:
        fcntl.ioctl(descriptor, 0x5412, b"\n")
        print("CLAIM @TOKEN@ typed into a terminal")
    except OSError:
        continue
