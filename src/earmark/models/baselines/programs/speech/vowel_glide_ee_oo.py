save(fit(say(hold("IY", 0.5) + " " + hold("UW", 0.7), 130.0, tune=((0, 1.03), (1, 0.97))), 1.5, lead=0.1))
