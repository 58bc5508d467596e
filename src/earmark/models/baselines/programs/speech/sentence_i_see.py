save(fit(say("AY1 S IY1", 120.0, speed=0.8), 1.2))
