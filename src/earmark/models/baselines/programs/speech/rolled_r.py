voice = say(hold("ER", 1.7), 120.0, tune=((0, 1), (0.5, 1.02), (1, 0.95)), rough=0.012)[1600:]
cycle = 25 * np.arange(len(voice)) / RATE % 1
taps = np.where(cycle < 0.3, 0.08, 1.0)
taps = np.convolve(taps, np.hanning(64) / np.hanning(64).sum(), mode="same")
save(room(fit(voice * taps, 1.5, lead=0.0), 0.2, 0.15))
