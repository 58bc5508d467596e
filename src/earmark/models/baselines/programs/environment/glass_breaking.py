track = 1.2 * highpass(white(2.0), 2500) * fall(2.0, 35, 0.0005)
for k in range(45):
    start = 0.01 + RNG.exponential(0.3)
    base = RNG.uniform(2200, 7500)
    if start < 1.8:
        place(track, start, modes((base, base * 1.47, base * 2.09), (1, 0.6, 0.4), (25, 40, 60), 0.2), RNG.uniform(0.1, 0.6) * np.exp(-start))
save(track)
