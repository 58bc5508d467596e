save(fit(say("AA AA AA AY IY IY IY", 130.0, tune=((0, 1.02), (1, 0.98))), 1.5, lead=0.1))
