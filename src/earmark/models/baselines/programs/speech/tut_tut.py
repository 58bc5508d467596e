def click():
    t = np.arange(1600) / RATE
    mouth = sum(np.sin(2 * np.pi * hz * t) * np.exp(-t * fade) for hz, fade in ((1500, 110), (2700, 150), (4200, 220)))
    return mouth + 0.8 * RNG.standard_normal(1600) * np.exp(-t * 400)


save(mixed(1.0, (0.2, click(), 1), (0.55, click(), 0.9)))
