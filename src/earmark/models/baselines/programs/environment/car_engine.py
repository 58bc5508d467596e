t = clock(5.0)
speed = 34 + 3 * slow(5.0, 3, -1, 1) * 0.4
phase = np.cumsum(speed) / RATE
stroke = np.exp(-((phase % 1) * 9)) * (0.8 + 0.2 * np.sin(2 * np.pi * phase / 4 + 1))
roar = stroke - np.mean(stroke)
pipe = 2.5 * ring(roar, 95, 40) * 20 + ring(roar, 240, 90) * 15 + ring(roar, 480, 160) * 6
save(pipe / np.std(pipe) + 0.18 * band(white(5.0), 200, 3500) * (0.4 + stroke))
