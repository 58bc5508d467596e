track = 0.000808 * colour(7.0, -3)
for start in (0.408, 3.68):
    t = clock(1.7)
    flutter = pulses(curve(1.7, (0, 37.3), (1.2, 45.6), (2.67, 52.1)) + 3 * white(1.7)) * 8 + 0.15 * white(1.7)
    palate = ring(flutter, 150, 45.6) * 5 + ring(flutter, 420, 89.3) * 4 + ring(flutter, 1100, 347) * 1.89
    place(track, start, palate * np.sin(np.pi * t / 1.7) ** 2)
save(track)
