track = blank(8.0)
for start, low, high, level in ((0.2, 506, 6000, 0.799), (2.1, 666, 1720, 1.0), (4.2, 350, 6000, 0.795), (6.1, 666, 1520, 1.0)):
    air = band(colour(1.6, -8.21), low, high, 1)
    air = air / np.std(air) + 1.5 * sum(ring(white(1.6), hz, 268) * hz / 1500 for hz in (485, 1160, 2930))
    place(track, start, air / np.std(air) * np.sin(np.pi * clock(1.6) / 1.6) ** 1.93 * (1 - 0.0583 + 0.0583 * slow(1.6, 40, -1, 1)), level)
save(room(track, 0.182, 0.197))
