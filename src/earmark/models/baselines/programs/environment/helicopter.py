t = clock(5.0)
beat = (t * 11) % 1
blade = lowpass(colour(5.0, -3), 600) * np.exp(-beat * 5) + 0.8 * ring(pulses(np.full(len(t), 11.0)) * 40, 70, 30) * 3
turbine = band(white(5.0), 900, 4000) * (0.5 + 0.5 * np.exp(-beat * 3))
save(blade / np.std(blade) + 0.2 * turbine / np.std(turbine) + 0.08 * sine(1450.0, 5.0))
