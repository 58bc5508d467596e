"""notes, 2 s: a low harp string plucked and left to die away"""

import numpy as np
import soundfile as sf

rate = 44100
seconds = 2.0
t = np.arange(int(rate * seconds)) / rate

frequency = 98.0
sound = np.zeros(len(t))
for harmonic in range(1, 13):
    sound += (
        np.sin(2 * np.pi * frequency * harmonic * t)
        * np.exp(-(1.0 + 0.6 * harmonic) * t)
        / harmonic
    )

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
