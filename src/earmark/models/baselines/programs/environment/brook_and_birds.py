t = clock(6.0)
track = 0.012 * band(colour(6.0, -2), 300, 3500, 1)
for start in RNG.uniform(0, 5.9, 500):
    drop = clock(0.06)
    hz = RNG.uniform(450, 1800)
    place(track, start, sine(hz * (1 + 5 * drop), 0.06) * np.exp(-drop * 60) * np.minimum(1, drop / 0.004), RNG.exponential(0.025))
for start in (0.5, 1.9, 3.3, 4.7):
    for k in range(3):
        length = 0.13
        pitch = curve(length, (0, RNG.uniform(3200, 4500)), (length, RNG.uniform(2800, 5500)))
        place(track, start + 0.2 * k, sine(pitch, length) * np.sin(np.pi * clock(length) / length), 0.3)
save(track)
