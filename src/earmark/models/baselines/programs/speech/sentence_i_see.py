save(fit(say("AY1 S IY1", 150.0, size=1.1, speed=0.9), 1.2))
