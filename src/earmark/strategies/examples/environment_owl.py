"""environment, 3 s: an owl hooting twice at night"""

import numpy as np
import soundfile as sf

rate = 44100
seconds = 3.0
t = np.arange(int(rate * seconds)) / rate

sound = np.zeros(len(t))
for start, length in [(0.3, 0.4), (1.2, 1.0)]:
    here = (t >= start) & (t < start + length)
    age = (t[here] - start) / length
    frequency = 390.0 - 40.0 * age
    phase = 2 * np.pi * np.cumsum(frequency) / rate
    sound[here] = np.sin(np.pi * age) * (np.sin(phase) + 0.1 * np.sin(2 * phase))

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
