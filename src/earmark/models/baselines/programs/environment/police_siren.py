t = clock(6.0)
swing = (1 - np.cos(2 * np.pi * t / 3.0)) / 2
voice = buzz(550 + 850 * swing, 6.0, dull=0.9, partials=12)
save(band(voice, 500, 5000))
