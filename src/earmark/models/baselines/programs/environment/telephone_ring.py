track = blank(6.0)
for start in (0.2, 3.2):
    t = clock(2.0)
    hammer = np.abs(np.sin(2 * np.pi * 10 * t)) ** 0.3
    gong = modes((1100, 1430, 2680, 3390, 4520), (0.6, 0.7, 1, 0.7, 0.4), (0, 0, 0, 0, 0), 2.0) * (
        0.55 + 0.45 * np.exp(-((t * 20) % 1) * 3)
    )
    place(track, start, gong * hammer * np.minimum(1, np.minimum(t / 0.01, (2.0 - t) / 0.15)))
save(room(track, 0.3, 0.1))
