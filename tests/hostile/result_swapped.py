"""Law: a result that is swapped for a link while the program ends is either the file or refused, never what the link leads to."""
# oracle: secret
# kinds: not_a_wav no_file blocked_call runtime_error unreadable clip
# kept: no runner copies results but ours; the race is against the copy
import os, threading, time
import numpy as np, soundfile
soundfile.write("good.wav", np.sin(np.arange(22050) / 10), 44100)
def swap():
    while True:
        for step in (lambda: os.symlink("@SECRET_FILE@", "link"), lambda: os.replace("link", "out.wav"),
                     lambda: os.link("good.wav", "again"), lambda: os.replace("again", "out.wav")):
            try:
                step()
            except OSError:
                continue
for _ in range(4):
    threading.Thread(target=swap, daemon=True).start()
time.sleep(0.5)
os._exit(0)
