save(fit(say("D AE1 D", 150.0, size=1.1, speed=0.9), 1.2))
