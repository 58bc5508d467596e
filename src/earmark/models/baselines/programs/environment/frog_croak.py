track = 0.00346 * colour(3.0, -3)
for start in (0.187, 0.999, 2.0):
    t = clock(0.397)
    rattle = pulses(56.7 - 18 * t / 0.5) * 7.84
    throat = ring(rattle, 883, 110) + 0.613 * ring(rattle, 874, 45.6) + 0.205 * ring(rattle, 2200, 290)
    place(track, start, throat * np.sin(np.pi * t / 0.552) ** 0.5)
save(track)
