save(fit(say("B AA1 60 B AA1 60 B AA1", 200.0, tune=((0, 1), (1, 0.95)), size=1.3), 1.5))
