t = clock(5.0)
speed = 48 + 3 * slow(5.0, 3, -1, 1) * 0.4
phase = np.cumsum(speed) / RATE
stroke = np.exp(-((phase % 1) * 9)) * (1.13 + 0.458 * np.sin(2 * np.pi * phase / 4 + 1))
roar = stroke - np.mean(stroke)
pipe = 2.66 * ring(roar, 95, 32.4) * 19.0 + ring(roar, 381, 43.6) * 20.9 + ring(roar, 662, 97.7) * 6
save(pipe / np.std(pipe) + 0.293 * band(white(5.0), 163, 4170) * (0.671 + stroke))
