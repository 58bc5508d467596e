"""environment, 2 s: a bunch of keys jingling in a hand"""

import numpy as np
import soundfile as sf

rate = 44100
seconds = 2.0
t = np.arange(int(rate * seconds)) / rate
rng = np.random.default_rng(0)

sound = np.zeros(len(t))
for start in rng.uniform(0.0, seconds - 0.2, 30):
    age = np.maximum(t - start, 0)
    for frequency in rng.uniform(3000.0, 9000.0, 3):
        sound += (t >= start) * np.sin(2 * np.pi * frequency * age) * np.exp(-40.0 * age)

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
