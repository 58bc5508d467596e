hum = 298
ratios = (0.5, 1, 1.19, 1.5, 2, 2.51, 2.66, 3.01, 4.17, 5.4)
levels = (0.6, 0.7, 0.8, 0.4, 1.0, 0.4, 0.3, 0.3, 0.293, 0.267)
rates = (0.5, 0.7, 0.9, 1.1, 1.0, 1.8, 2.2, 2.5, 4, 6)


def bell(length):
    stroke = modes([2 * hum * r for r in ratios], levels, [1.07 * r for r in rates], length)
    stroke = stroke + modes([2 * hum * r * 1.01 for r in ratios], [0.424 * a for a in levels], [1.07 * r for r in rates], length)
    return stroke * np.minimum(1, clock(length) / 0.001) + 0.387 * band(white(length), 1500, 7000) * fall(length, 60, 0.0005)


track = blank(6.0)
for start in (0.0, 2.0, 4.0):
    place(track, start, bell(6.0 - start), 0.258)
for start, base in ((2.8, 420), (3.3, 440)):
    pitch = base * curve(0.22, (0, 0.8), (0.05, 1.3), (0.22, 0.8))
    bark = cry(pitch, ((650, 120, 1), (1250, 160, 0.8), (2600, 260, 0.35)), breath=0.8, attack=0.008, release=0.1)
    place(track, start, bark, 1.04)
save(track)
