save(fit(say("AA 0 AA AA AA AA AA AA AA", 120.0, tune=((0, 1), (1, 1))), 1.2, lead=0.05))
