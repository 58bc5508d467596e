"""Law: no device of the host opens but the harmless ones."""
# oracle: claim
import os
for name in ("kmsg", "fuse", "kvm", "mem", "vda", "sda", "loop-control", "net/tun"):
    try:
        os.close(os.open(f"/dev/{name}", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY))
        print("CLAIM @TOKEN@ opened", name)
    except OSError:
        continue
