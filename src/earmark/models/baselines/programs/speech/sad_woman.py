save(fit(say("AY1 80 AE M 60 S OW1 60 AX L OW1 N", 190.0, tune=((0, 1.05), (0.4, 1), (1, 0.82)), speed=0.5, size=1.15), 2.8))
