track = 0.35 * lowpass(colour(5.0, -5), 900) / 3 * slow(5.0, 6, 0.6, 1)
for start in RNG.uniform(0, 4.9, 130):
    hz = RNG.uniform(1200, 6000)
    length = RNG.uniform(0.004, 0.03)
    place(track, start, band(white(0.03), hz * 0.6, hz * 1.5) * fall(0.03, 3 / length, 0.0004), RNG.exponential(1.0))
for start in RNG.uniform(0, 4.8, 9):
    place(track, start, lowpass(white(0.06), 4000) * fall(0.06, 90, 0.0004), RNG.uniform(1.5, 3))
save(track)
