t = clock(5.0)
tone = curve(5.0, (0, 500), (5, 2600))
track = 0.25 * band(white(5.0), 600, 6000) * (0.6 + 0.4 * slow(5.0, 12))
for start in np.sort(CHANCE.uniform(0, 4.9, 420)):
    hz = np.interp(start, (0, 5), (450, 1900)) * CHANCE.uniform(0.7, 1.6)
    drop = clock(0.05)
    place(track, start, sine(hz * (1 + 4 * drop), 0.05) * np.exp(-drop * 70) * np.minimum(1, drop / 0.003), CHANCE.exponential(0.5))
glass = sine(tone, 5.0) * lowpass(white(5.0), 30, 1)
save(track + 0.3 * glass / np.std(glass) * 0.5)
