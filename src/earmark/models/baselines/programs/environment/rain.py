track = 0.25 * band(white(5.0), 400, 9000)
for start in RNG.uniform(0, 4.95, 900):
    hz = RNG.uniform(1500, 8000)
    place(track, start, band(white(0.02), hz * 0.8, hz * 1.2) * fall(0.02, 300), RNG.exponential(1.2))
save(track)
