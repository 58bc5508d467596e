save(fit(say("AO AO AO OY IY IY IY IY", 150.0, tune=((0, 0.85), (0.35, 1.15), (1, 0.8))), 1.3, lead=0.08))
