t = clock(5.0)
tone = curve(5.0, (0, 500), (5, 2600))
track = 0.25 * band(white(5.0), 477, 6000) * (0.6 + 0.4 * slow(5.0, 12))
for start in np.sort(RNG.uniform(0, 4.54, 420)):
    hz = np.interp(start, (0, 5), (477, 1800)) * RNG.uniform(0.7, 1.99)
    drop = clock(0.05)
    place(track, start, sine(hz * (1 + 4 * drop), 0.05) * np.exp(-drop * 70) * np.minimum(1, drop / 0.00323), RNG.exponential(0.5))
glass = sine(tone, 5.0) * lowpass(white(5.0), 30.3, 1)
save(track + 0.259 * glass / np.std(glass) * 0.5)
