save(fit(say("HH AX L OW1*1.2", 120.0, tune=((0, 1.0), (0.4, 1.15), (1, 0.75)), speed=0.95), 1.0, lead=0.15))
