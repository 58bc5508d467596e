track = blank(4.0)
for k in range(16):
    t = clock(0.1)
    hiss = signal.sosfilt(signal.butter(4, 6000, "high", fs=RATE, output="sos"), np.random.default_rng(k).standard_normal(len(t)))
    place(track, 0.25 * k, hiss * np.exp(-t * 70))
save(track)
