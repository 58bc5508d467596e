voice = say(hold("ER", 1.7), 120.0, tune=((0, 1), (1, 0.97)))[1600:]
taps = 0.52 + 0.48 * np.sin(2 * np.pi * 25 * np.arange(len(voice)) / RATE)
save(fit(voice * taps, 1.5, lead=0.0))
