"""notes, 2 s: four rising clarinet notes one after the other"""

import numpy as np
import soundfile as sf

rate = 44100
seconds = 2.0
t = np.arange(int(rate * seconds)) / rate

sound = np.zeros(len(t))
for number, frequency in enumerate([293.66, 329.63, 369.99, 392.0]):
    start = 0.5 * number
    here = (t >= start) & (t < start + 0.45)
    age = t[here] - start
    shape = np.minimum(1.0, np.minimum(age / 0.03, (0.45 - age) / 0.05))
    for harmonic in [1, 3, 5, 7]:
        sound[here] += shape * np.sin(2 * np.pi * frequency * harmonic * age) / harmonic

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
