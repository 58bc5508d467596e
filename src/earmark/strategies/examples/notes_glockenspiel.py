"""notes, 2 s: a glockenspiel bar struck once, ringing bright"""

import numpy as np
import soundfile as sf

rate = 44100
seconds = 2.0
t = np.arange(int(rate * seconds)) / rate

sound = np.zeros(len(t))
for ratio, level, decay in [(1.0, 1.0, 2.5), (2.76, 0.5, 5.0), (5.4, 0.25, 9.0)]:
    sound += level * np.sin(2 * np.pi * 1568.0 * ratio * t) * np.exp(-decay * t)

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
