"""speech, 2 s: a child going mm over good food"""

import numpy as np
import soundfile as sf
from scipy.signal import lfilter

rate = 44100
seconds = 2.0
t = np.arange(int(rate * seconds)) / rate

pitch = 270.0 + 4.0 * np.sin(2 * np.pi * 5.0 * t)
pulses = np.diff(np.floor(np.cumsum(pitch) / rate), prepend=0.0)
sound = pulses
for formant, width in [(250, 60), (1000, 200), (2200, 300)]:
    radius = np.exp(-np.pi * width / rate)
    sound = lfilter(
        [1.0], [1.0, -2 * radius * np.cos(2 * np.pi * formant / rate), radius**2], sound
    )
sound = sound * np.minimum(1.0, np.minimum(t / 0.05, (seconds - t) / 0.05))

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
