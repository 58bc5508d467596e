save(fit(say(hold("EH", 1.05), 125.0, tune=((0, 1), (1, 1))), 1.2, lead=0.05))
