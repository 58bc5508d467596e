save(fit(say("L AA1 L AA1 L AA1 L AA1", 200.0, tune=((0, 1), (1, 1)), size=1.15, speed=0.85), 2.0))
