"""speech, 1.5 s: a woman asking hm with a rising voice"""

import numpy as np
import soundfile as sf
from scipy.signal import lfilter

rate = 44100
seconds = 1.5
t = np.arange(int(rate * seconds)) / rate

pitch = 180.0 + 120.0 * (t / seconds) ** 2
pulses = np.diff(np.floor(np.cumsum(pitch) / rate), prepend=0.0)
sound = pulses
for formant, width in [(300, 60), (1100, 150), (2600, 250)]:
    radius = np.exp(-np.pi * width / rate)
    sound = lfilter(
        [1.0], [1.0, -2 * radius * np.cos(2 * np.pi * formant / rate), radius**2], sound
    )
sound = sound * np.minimum(1.0, np.minimum(t / 0.05, (seconds - t) / 0.05))

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
