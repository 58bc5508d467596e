level = curve(7.0, (0, 0.02), (0.1, 0.6), (0.6, 1), (2.4, 0.9), (3.6, 0.3), (5, 0.08), (7, 0.05))
rush = band(white(7.0), 300, 3500) * (0.5 + slow(7.0, 25)) + 0.8 * lowpass(colour(7.0, -3), 900) * (0.4 + slow(7.0, 9))
bowl = sum(ring(rush, hz, 120) for hz in (380, 640, 1050))
track = (0.5 * rush / np.std(rush) + 0.8 * bowl / np.std(bowl)) * level
for start in np.sort(RNG.uniform(0.1, 5.0, 700)):
    drop = clock(0.045)
    hz = RNG.uniform(350, 1500)
    bubble = sine(hz * (1 + 6 * drop), 0.045) * np.exp(-drop * 80) * np.minimum(1, drop / 0.002)
    place(track, start, bubble, RNG.exponential(0.8) * level[round(start * RATE)])
gulp = blank(7.0)
for start in (3.0, 3.25, 3.45, 3.7, 3.85, 4.1, 4.3):
    t = clock(0.16)
    place(gulp, start, sine(160 + 900 * t, 0.16) * np.exp(-t * 18) * np.minimum(1, t / 0.01), RNG.uniform(0.5, 1))
refill = 0.05 * band(white(7.0), 1500, 7000) * curve(7.0, (0, 0), (3, 0.3), (4.5, 1), (7, 0.8))
save(room(track + 0.5 * gulp + refill, 0.3, 0.2))
