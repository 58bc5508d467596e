voice = held("AA", 2.35, 220.0, size=1.1, shake=(5.5, 0.035))
ring = signal.sosfilt(signal.butter(2, [2500, 3500], "band", fs=RATE, output="sos"), voice)
save(room(fit(voice + 2.5 * ring, 2.5, lead=0.05), 1.2, 0.35))
