save(fit(say(hold("M", 1.35), 220.0, tune=((0, 1), (1, 1)), size=1.1), 1.5, lead=0.05))
