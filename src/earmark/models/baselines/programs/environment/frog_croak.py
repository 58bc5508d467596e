track = 0.002 * colour(3.0, -3)
for start in (0.2, 1.1, 2.0):
    t = clock(0.5)
    rattle = pulses(48 - 18 * t / 0.5) * 10
    throat = ring(rattle, 700, 110) + 0.7 * ring(rattle, 1450, 160) + 0.2 * ring(rattle, 2600, 300)
    place(track, start, throat * np.sin(np.pi * t / 0.5) ** 0.5)
save(track)
