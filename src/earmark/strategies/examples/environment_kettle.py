"""environment, 3 s: a kettle beginning to whistle as it boils"""

import numpy as np
import soundfile as sf

rate = 44100
seconds = 3.0
t = np.arange(int(rate * seconds)) / rate
rng = np.random.default_rng(0)

frequency = 1800.0 + 600.0 * np.minimum(1.0, t / 2.0)
whistle = np.sin(2 * np.pi * np.cumsum(frequency) / rate) * (t / seconds) ** 2
steam = 0.2 * rng.standard_normal(len(t))
sound = whistle + steam * t / seconds

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
