t = clock(3.0)
breath = 0.02 * signal.sosfilt(
    signal.butter(2, [600, 4000], "band", fs=RATE, output="sos"), np.random.default_rng(1).standard_normal(len(t))
)
swing = hz(79) * (1 + 0.004 * np.sin(2 * np.pi * 5 * t) * np.minimum(1, t))
save(tone(swing, 3.0, FLUTE, attack=0.08, release=0.15) + breath)
