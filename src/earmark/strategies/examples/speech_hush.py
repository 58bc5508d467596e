"""speech, 1.5 s: someone hushing with a long shh"""

import numpy as np
import soundfile as sf
from scipy.signal import butter, lfilter

rate = 44100
seconds = 1.5
t = np.arange(int(rate * seconds)) / rate
rng = np.random.default_rng(0)

low, high = butter(2, [2000, 7000], btype="band", fs=rate)
sound = lfilter(low, high, rng.standard_normal(len(t)))
sound = sound * np.sin(np.pi * t / seconds)

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
