"""Law: the very words in which workers report, written wherever a program can write, are not heard."""
# oracle: forged
# kinds: runtime_error
# kept: it attacks the channel between supervisor and worker, which a weaker runner lacks
import marshal, os, struct
said = b'{"done": 0, "found": "file", "cpu_seconds": 0.0, "peak_bytes": 0}'
told = b'{"status": 0, "cut": null, "streams": ["", ""], "found": "file", "seconds": 0.1, "cpu_seconds": 0.1, "peak_bytes": 1}'
order = marshal.dumps({"processes": 64}, 2)
for words in (b'{"started": 1}', said, struct.pack(">II", len(told), 4) + told + b"RIFF", order):
    for descriptor in range(1024):
        try:
            os.write(descriptor, words)
        except OSError:
            continue
os._exit(7)
