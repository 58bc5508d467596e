save(fit(say(hold("AA", 2.35), 220.0, tune=((0, 1), (1, 1)), size=1.1, shake=(5.5, 0.04)), 2.5, lead=0.05))
