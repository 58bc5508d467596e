save(fit(say("M M AA1 M M AA1", 300.0, tune=((0, 1), (0.5, 1.08), (1, 0.9)), size=1.3), 1.2))
