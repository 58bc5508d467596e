t = clock(6.0)
motor = buzz(50.0, 6.0, dull=1.2, partials=12) * (1 + 0.1 * np.sin(2 * np.pi * 2 * t))
slosh = lowpass(band(white(6.0), 150, 1600), 1200) * np.exp(-(((t % 1.0 - 0.4) / 0.16) ** 2))
save(0.35 * motor / np.std(motor) + slosh / np.std(slosh) * 0.9 + 0.05 * colour(6.0, -3))
