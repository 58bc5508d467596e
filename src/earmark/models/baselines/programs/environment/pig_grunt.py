track = blank(3.0)
for start, length in ((0.15, 0.32), (0.85, 0.28), (1.5, 0.38), (2.3, 0.3)):
    t = clock(length)
    source = pulses(55 + 25 * np.sin(np.pi * t / length) + 10 * white(length)) * 8 + 0.25 * white(length)
    snout = ring(source, 330, 90) * 6 + ring(source, 750, 150) * 4 + ring(source, 1500, 300)
    place(track, start, snout * np.sin(np.pi * t / length) ** 0.6)
save(track)
