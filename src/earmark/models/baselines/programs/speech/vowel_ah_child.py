save(fit(say(hold("AA", 1.05), 300.0, tune=((0, 1), (1, 1)), size=1.3), 1.2, lead=0.05))
