save(fit(say("AY AE M AX R OW1 B AA T", 110.0, tune=((0, 1), (1, 1)), rough=0.0), 2.0))
