"""Law: the exact messages of workers, written wherever a program can write, have no effect."""
# oracle: forged
# kinds: runtime_error
# kept: it attacks the channel between supervisor and worker, which a weaker runner lacks
import marshal, os, struct
report = b'{"done": 0, "result": "file", "cpu_seconds": 0.0, "peak_bytes": 0}'
outcome = b'{"status": 0, "cut": null, "streams": ["", ""], "result": "file", "seconds": 0.1, "cpu_seconds": 0.1, "peak_bytes": 1}'
order = marshal.dumps({"processes": 64}, 2)
for words in (b'{"started": 1}', report, struct.pack(">II", len(outcome), 4) + outcome + b"RIFF", order):
    for descriptor in range(1024):
        try:
            os.write(descriptor, words)
        except OSError:
            continue
os._exit(7)
