"""notes, 2 s: an accordion holding a minor third with trembling reeds"""

import numpy as np
import soundfile as sf

rate = 44100
seconds = 2.0
t = np.arange(int(rate * seconds)) / rate

sound = np.zeros(len(t))
for frequency in [440.0, 523.25]:
    for harmonic in range(1, 9):
        sound += np.sin(2 * np.pi * frequency * harmonic * t) / harmonic
        sound += np.sin(2 * np.pi * (frequency + 1.5) * harmonic * t) / harmonic
fade = np.minimum(1.0, np.minimum(t / 0.1, (seconds - t) / 0.1))
sound = sound * fade

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
