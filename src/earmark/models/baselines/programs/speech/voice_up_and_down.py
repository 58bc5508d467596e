save(fit(say(hold("UW", 1.85), 130.0, tune=((0, 1), (0.5, 2), (1, 1))), 2.0, lead=0.05))
