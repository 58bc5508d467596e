t = clock(3.0)
rng = np.random.default_rng(1)
clap = signal.sosfilt(signal.butter(2, [700, 4500], "band", fs=RATE, output="sos"), rng.standard_normal(len(t))) * np.exp(-t * 70)
hall = signal.sosfilt(signal.butter(1, 3500, "low", fs=RATE, output="sos"), rng.standard_normal(len(t))) * np.exp(-3.4 * t)
wet = signal.fftconvolve(clap, hall)[: len(t)]
save(clap / np.abs(clap).max() + 0.5 * wet / np.abs(wet).max())
