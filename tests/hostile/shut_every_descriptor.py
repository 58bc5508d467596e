"""Law: a program that closes everything it holds, and fills the numbers with files of its own, ends as it says itself."""
# oracle: forged
# kinds: runtime_error
# kept: it attacks the channel between supervisor and worker, which a weaker runner lacks
import os
os.closerange(0, 1024)
for number in range(40):
    os.open(f"f{number}", os.O_RDWR | os.O_CREAT)
    os.write(number, b'{"done": 0, "result": "file", "cpu_seconds": 0.0, "peak_bytes": 0}')
os._exit(7)
