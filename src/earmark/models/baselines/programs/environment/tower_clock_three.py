hum = 289
ratios = (0.5, 1, 1.19, 1.5, 2, 2.51, 2.66, 3.01, 4.17, 5.4)
levels = (0.6, 0.7, 0.8, 0.4, 1.0, 0.4, 0.3, 0.3, 0.234, 0.313)
rates = (0.5, 0.7, 0.9, 1.1, 1.0, 1.8, 2.2, 2.5, 4, 6)


def bell(length):
    stroke = modes([2 * hum * r for r in ratios], levels, [1 * r for r in rates], length)
    stroke = stroke + modes([2 * hum * r * 1.01 for r in ratios], [0.374 * a for a in levels], [1 * r for r in rates], length)
    return stroke * np.minimum(1, clock(length) / 0.001) + 0.32 * band(white(length), 1500, 7000) * fall(length, 60, 0.0005)


track = blank(7.0)
for k in range(3):
    place(track, 2.0 * k, bell(7.0 - 2 * k))
save(track)
