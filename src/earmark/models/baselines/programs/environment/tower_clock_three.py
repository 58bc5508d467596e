track = blank(7.0)
ratios, levels, rates = (0.5, 1, 1.19, 1.5, 2, 2.66, 4.1), (0.5, 0.8, 0.7, 0.3, 0.9, 0.3, 0.2), (0.7, 1, 1.2, 1.5, 1.6, 2.5, 5)
for k in range(3):
    length = 7.0 - 2 * k
    stroke = modes([330 * r for r in ratios], levels, rates, length) * np.minimum(1, clock(length) / 0.002)
    place(track, 2.0 * k, stroke + 0.3 * band(white(length), 1000, 5000) * fall(length, 50, 0.0005))
save(track)
