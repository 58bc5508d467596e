t = clock(4.0)
wires = signal.sosfilt(signal.butter(2, [700, 9000], "band", fs=RATE, output="sos"), np.random.default_rng(1).standard_normal(len(t)))
strokes = np.exp(-((t * 24) % 1) * 2)
save(wires * strokes * 10 ** (1.4 * (t / 4.0 - 1)))
