def bark(base, seed):
    t = clock(0.26)
    rng = np.random.default_rng(seed)
    hz = base * (0.7 + 0.75 * np.exp(-(((t - 0.045) / 0.05) ** 2))) * (1 + 0.03 * slow(0.26, 90, -1, 1))
    throat = buzz(hz, 0.26, dull=0.45) + 1.2 * white(0.26) * np.exp(-(((t - 0.05) / 0.07) ** 2))
    opened = np.exp(-(((t - 0.06) / 0.06) ** 2))
    wide = ring(throat, 950, 160) + 0.9 * ring(throat, 1500, 200) + 0.5 * ring(throat, 2700, 300)
    narrow = ring(throat, 500, 110) + 0.4 * ring(throat, 1100, 200)
    mouth = opened * wide / np.std(wide) + (1 - opened) * 0.7 * narrow / np.std(narrow)
    growl = 1 + 0.35 * np.sin(2 * np.pi * rng.uniform(55, 75) * t)
    return mouth * growl * np.minimum(1, t / 0.01) * np.exp(-np.maximum(0, t - 0.1) * 24)


track = blank(3.0)
for seed, (start, base) in enumerate(((0.15, 430), (0.75, 460), (1.75, 420), (2.3, 450))):
    place(track, start, bark(base, seed))
save(room(track, 0.35, 0.2))
