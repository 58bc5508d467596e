save(fit(say("UW UW UW UW UW UW UW UW", 110.0, tune=((0, 1), (1, 1))), 1.2, lead=0.05))
