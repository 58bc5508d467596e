"""Law: the memory of no other process can be read."""
# oracle: secret
import re
maps = open("/proc/@PID@/maps").read()
with open("/proc/@PID@/mem", "rb", buffering=0) as memory:
    for line in maps.splitlines():
        found = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
        if found and "[stack]" in line:
            start, end = (int(part, 16) for part in found.groups())
            memory.seek(start)
            held = memory.read(end - start)
            place = held.find(b"EARMARK_CANARY_KEY")
            print(held[max(0, place) : place + 200])
