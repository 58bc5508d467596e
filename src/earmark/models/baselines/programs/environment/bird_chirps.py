def chirp(start_hz, end_hz, seconds, trill):
    t = clock(seconds)
    hz = start_hz * (end_hz / start_hz) ** (t / seconds) * (1 + 0.06 * np.sin(2 * np.pi * trill * t))
    return sine(hz, seconds) * np.sin(np.pi * t / seconds)


track = 0.004 * colour(4.0, -3)
for start in (0.2, 1.2, 2.1, 3.1):
    for k in range(4):
        place(
            track,
            start + 0.16 * k,
            chirp(RNG.uniform(3800, 5200), RNG.uniform(2800, 6500), 0.11, RNG.uniform(20, 45)),
            RNG.uniform(0.6, 1),
        )
save(room(track, 0.5, 0.15))
