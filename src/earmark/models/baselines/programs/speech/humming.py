save(fit(say("M M M M M M M M M M M M M M M M M M M M M M M M", 140.0, tune=((0, 1), (0.3, 1.2), (0.6, 1.0), (1, 0.9))), 2.2))
