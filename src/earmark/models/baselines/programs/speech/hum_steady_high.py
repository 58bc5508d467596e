hum = held("M", 1.4, 220.0, size=1.1, shake=(5.0, 0.005))
air = 0.01 * signal.sosfilt(signal.butter(1, [300, 2500], "band", fs=RATE, output="sos"), RNG.standard_normal(len(hum)))
save(room(fit(hum / np.abs(hum).max() + air * np.hanning(len(hum)) ** 0.3, 1.5, lead=0.05), 0.4, 0.4))
