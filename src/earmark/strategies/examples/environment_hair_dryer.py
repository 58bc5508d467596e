"""environment, 2 s: a hair dryer blowing steadily"""

import numpy as np
import soundfile as sf
from scipy.signal import butter, lfilter

rate = 44100
seconds = 2.0
t = np.arange(int(rate * seconds)) / rate
rng = np.random.default_rng(0)

motor = np.sin(2 * np.pi * 310.0 * t) + 0.5 * np.sin(2 * np.pi * 620.0 * t)
low, high = butter(2, [500, 5000], btype="band", fs=rate)
air = lfilter(low, high, rng.standard_normal(len(t)))
sound = air + 0.1 * motor

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
