track = 0.0005 * colour(7.0, -3)
for start in (0.4, 3.9):
    t = clock(1.7)
    flutter = pulses(curve(1.7, (0, 38), (1.2, 60), (1.7, 45)) + 3 * white(1.7)) * 8 + 0.15 * white(1.7)
    palate = ring(flutter, 150, 60) * 5 + ring(flutter, 420, 120) * 4 + ring(flutter, 1100, 250) * 1.5
    place(track, start, palate * np.sin(np.pi * t / 1.7) ** 2)
save(track)
