"""Law: what a program writes into descriptors it was not given cannot pass for the harness's own report."""
# oracle: forged
# kinds: runtime_error
# kept: it attacks the channel between supervisor and worker, which a weaker runner lacks
import json, os, struct
for report in (json.dumps({"ended": "exit", "exit_code": 0, "status": 0}).encode() + b"\n", struct.pack("<II", 0, 0) * 8):
    for descriptor in list(range(3, 64)) + [198, 199, 1000]:
        try:
            os.write(descriptor, report)
        except OSError:
            continue
os._exit(7)
