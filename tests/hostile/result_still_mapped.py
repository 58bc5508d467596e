"""Law: a result that threads go on writing through memory until the end is a clip, or refused, and never changes after."""
# oracle: kind
# kinds: clip unreadable not_a_wav silent crashed
# kept: no runner copies results but ours
import mmap, os, threading, time
import numpy as np, soundfile
soundfile.write("out.wav", np.sin(np.arange(44100) / 10), 44100)
stream = open("out.wav", "r+b")
held = mmap.mmap(stream.fileno(), 0)
whole = bytes(held)
def scribble():
    while True:
        held[:44] = b"\xff" * 44
        held[:44] = whole[:44]
for _ in range(3):
    threading.Thread(target=scribble, daemon=True).start()
time.sleep(0.2)
os._exit(0)
