track = blank(8.0)
for start, low, high, level in ((0.2, 900, 3500, 0.7), (2.1, 400, 2200, 1.0), (4.2, 900, 3500, 0.7), (6.1, 400, 2200, 1.0)):
    air = band(colour(1.6, -2), low, high, 1)
    place(track, start, air / np.std(air) * np.sin(np.pi * clock(1.6) / 1.6) ** 1.5, level)
save(track)
