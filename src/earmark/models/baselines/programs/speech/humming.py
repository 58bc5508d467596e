tune = ((0, 0.97), (0.1, 1.0), (0.3, 1.19), (0.45, 1.2), (0.62, 1.0), (0.8, 0.99), (1, 0.9))
hum = say(hold("M", 1.95), 140.0, tune=tune, shake=(4.8, 0.008), rough=0.012)
edge = np.interp(np.linspace(0, 1, len(hum)), (0, 0.06, 0.35, 0.9, 1), (0.1, 0.8, 1, 0.7, 0.05))
save(room(fit(hum * edge, 2.2)))
