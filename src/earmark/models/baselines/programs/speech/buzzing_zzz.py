hum = signal.sosfilt(signal.butter(2, 700, "low", fs=RATE, output="sos"), held("IH", 1.1, 120.0))
cycle = np.cumsum(np.full(len(hum), 120.0)) / RATE % 1
hiss = say(hold("S", 1.2))[: len(hum)] * np.where(cycle < 0.6, 1.0, 0.3)
save(room(mixed(1.2, (0.03, hum, 1), (0.03, hiss, 0.45)), 0.2, 0.15))
