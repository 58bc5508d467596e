track = blank(6.0)
ratios, levels, rates = (0.5, 1, 1.19, 1.5, 2, 2.66, 4.1), (0.5, 0.8, 0.7, 0.3, 0.9, 0.3, 0.2), (1.2, 1.6, 1.8, 2, 2.2, 3, 5)
for start in (0.0, 2.0, 4.0):
    length = 6.0 - start
    stroke = modes([420 * r for r in ratios], levels, rates, length) * np.minimum(1, clock(length) / 0.002)
    place(track, start, stroke + 0.3 * band(white(length), 1000, 5000) * fall(length, 50, 0.0005), 0.3)
for start, base in ((2.8, 420), (3.3, 440)):
    pitch = base * curve(0.22, (0, 0.8), (0.05, 1.3), (0.22, 0.8))
    bark = cry(pitch, ((650, 120, 1), (1250, 160, 0.8), (2600, 260, 0.35)), breath=0.8, attack=0.008, release=0.1)
    place(track, start, bark)
save(track)
