track = blank(3.0)
for start, length in ((0.111, 0.145), (0.85, 0.361), (1.5, 0.372), (2.38, 0.185)):
    t = clock(length)
    source = pulses(39.1 + 29 * np.sin(np.pi * t / length) + 10 * white(length)) * 8 + 0.25 * white(length)
    snout = ring(source, 330, 64.4) * 6 + ring(source, 1100, 116.0) * 4 + ring(source, 1050, 297)
    place(track, start, snout * np.sin(np.pi * t / length) ** 0.6)
save(track)
