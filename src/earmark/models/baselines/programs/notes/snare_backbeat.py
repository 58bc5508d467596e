track = blank(4.0)
for k in range(4):
    t = clock(0.3)
    rattle = signal.sosfilt(signal.butter(2, [900, 9000], "band", fs=RATE, output="sos"), np.random.default_rng(k).standard_normal(len(t)))
    place(track, 0.5 + k, rattle * np.exp(-t * 18) + 0.7 * np.sin(2 * np.pi * 190 * t) * np.exp(-t * 30))
save(track)
