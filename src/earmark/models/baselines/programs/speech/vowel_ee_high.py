save(fit(say("IY IY IY IY IY IY IY IY", 220.0, tune=((0, 1), (1, 1)), size=1.0), 1.2, lead=0.05))
