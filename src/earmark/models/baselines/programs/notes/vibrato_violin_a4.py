t = clock(3.0)
sound = tone(440 * 2 ** (35 / 1200 * np.sin(2 * np.pi * 6 * t)), 3.0, STRING, attack=0.15, release=0.2)
save(signal.sosfilt(signal.butter(2, [250, 4500], "band", fs=RATE, output="sos"), sound))
