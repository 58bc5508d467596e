t = clock(3.0)
high = signal.sosfiltfilt(signal.butter(2, 40, "low", fs=RATE, output="sos"), ((t * 4) % 1 > 0.5).astype(float))
breath = 0.01 * signal.sosfilt(signal.butter(2, [600, 4000], "band", fs=RATE, output="sos"), np.random.default_rng(1).standard_normal(len(t)))
save(tone(hz(74 + 2 * high), 3.0, FLUTE, attack=0.06, release=0.15) + breath)
