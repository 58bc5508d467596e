t = clock(6.0)
rev = np.clip(np.sin(2 * np.pi * (t - 0.3) / 2) * 3, 0, 1)
rev = lowpass(rev, 4, 1)
rate = 48.9 + 95 * rev + 3 * slow(6.0, 20, -1, 1)
stroke = buzz(rate, 6.0, dull=0.267, partials=50)
motor = ring(stroke, 580, 200) * 3 + ring(stroke, 1100, 307) * 5 + ring(stroke, 2600, 600) * 6
save(motor / np.std(motor) * (0.156 + rev) + 0.243 * band(white(6.0), 1500, 6000) * (0.161 + rev))
