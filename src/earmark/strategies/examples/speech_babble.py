"""speech, 2 s: an infant cooing bo bo bo in the cradle"""

import numpy as np
import soundfile as sf
from scipy.signal import lfilter

rate = 44100
seconds = 2.0
t = np.arange(int(rate * seconds)) / rate

pitch = 320.0 + 40.0 * np.sin(2 * np.pi * 2.0 * t)
pulses = np.diff(np.floor(np.cumsum(pitch) / rate), prepend=0.0)

sound = pulses
for formant, width in [(900, 100), (1500, 150), (3200, 250)]:
    radius = np.exp(-np.pi * width / rate)
    sound = lfilter(
        [1.0], [1.0, -2 * radius * np.cos(2 * np.pi * formant / rate), radius**2], sound
    )
sound = sound * np.minimum(1.0, np.minimum(t / 0.05, (seconds - t) / 0.05))
sound = sound * np.sqrt(np.maximum(0.0, np.sin(2 * np.pi * 2.0 * t)))

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
