"""notes, 2 s: a theremin gliding up one octave with vibrato"""

import numpy as np
import soundfile as sf

rate = 44100
seconds = 2.0
t = np.arange(int(rate * seconds)) / rate

frequency = 330.0 * 2.0 ** (t / seconds)
frequency = frequency * (1.0 + 0.01 * np.sin(2 * np.pi * 6.0 * t))
phase = 2 * np.pi * np.cumsum(frequency) / rate
sound = np.sin(phase) + 0.2 * np.sin(2 * phase)

sf.write("out.wav", 0.8 * sound / np.max(np.abs(sound)), rate)
