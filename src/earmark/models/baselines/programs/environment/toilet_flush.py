level = curve(7.0, (0, 0.02), (0.15, 0.4), (0.8, 1), (2.2, 1), (3.6, 0.25), (5, 0.06), (7, 0.04))
rush = band(white(7.0), 200, 5000) + 0.8 * lowpass(colour(7.0, -3), 1200) * (0.5 + slow(7.0, 8))
gurgle = blank(7.0)
for start in CHANCE.uniform(1.5, 4.5, 90):
    drop = clock(0.08)
    place(gurgle, start, sine(CHANCE.uniform(200, 500) * (1 + 5 * drop), 0.08) * np.exp(-drop * 40), CHANCE.uniform(0.1, 0.5))
save(rush * level + gurgle * level)
