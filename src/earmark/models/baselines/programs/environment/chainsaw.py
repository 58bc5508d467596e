t = clock(6.0)
rev = np.clip(np.sin(2 * np.pi * (t - 0.3) / 2) * 3, 0, 1)
rev = lowpass(rev, 4, 1)
rate = 38 + 95 * rev + 3 * slow(6.0, 20, -1, 1)
stroke = buzz(rate, 6.0, dull=0.35, partials=50)
motor = ring(stroke, 420, 200) * 3 + ring(stroke, 1100, 300) * 5 + ring(stroke, 2600, 600) * 6
save(motor / np.std(motor) * (0.16 + rev) + 0.25 * band(white(6.0), 1500, 6000) * (0.12 + rev))
