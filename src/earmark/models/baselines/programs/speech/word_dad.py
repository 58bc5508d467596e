save(fit(say("D AE1 D", 150.0, size=1.1, speed=1.14), 1.2))
