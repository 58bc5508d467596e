save(fit(say("M M AH M M M M", 130.0, tune=((0, 1.0), (0.5, 1.0), (1, 1.7))), 1.2))
