save(fit(say("Y EH1 S", 120.0, speed=0.85), 1.0))
