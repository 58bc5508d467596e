track = blank(6.0)
for k in range(12):
    t = clock(0.3)
    strong = k % 3 == 0
    start = 90 if strong else 190
    skin = np.sin(2 * np.pi * np.cumsum(start * (1 + 0.8 * np.exp(-t * 40))) / RATE) * np.exp(-t * (9 if strong else 30))
    skin[:300] += 0.4 * np.random.default_rng(k).standard_normal(300) * np.linspace(1, 0, 300)
    place(track, 0.5 * k, skin * (1.0 if strong else 0.2))
save(track)
