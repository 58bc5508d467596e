track = blank(4.0)
for k in range(8):
    t = clock(0.35)
    thump = np.sin(2 * np.pi * np.cumsum(50 + 130 * np.exp(-t * 35)) / RATE) * np.exp(-t * 12)
    thump[:200] += 0.3 * np.random.default_rng(k).standard_normal(200) * np.linspace(1, 0, 200)
    place(track, 0.5 * k, thump)
save(track)
