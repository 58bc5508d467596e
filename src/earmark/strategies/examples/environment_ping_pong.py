"""environment, 2 s: a ping-pong ball bouncing on a table until it rests"""

import numpy as np
import soundfile as sf

rate = 44100
seconds = 2.0
t = np.arange(int(rate * seconds)) / rate

sound = np.zeros(len(t))
start, gap = 0.1, 0.4
while start < seconds - 0.05:
    age = t - start
    sound += (
        (age >= 0) * np.sin(2 * np.pi * 1100.0 * age) * np.exp(-90.0 * np.maximum(age, 0)) * gap
    )
    start, gap = start + gap, gap * 0.8 + 0.01

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
