save(fit(say("Y EH1 S", 150.0, size=1.1, speed=0.9), 1.0))
