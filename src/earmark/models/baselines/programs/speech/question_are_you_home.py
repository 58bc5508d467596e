save(fit(say("AA1 R 20 Y UW1 40 HH OW1 M", 190.0, tune=((0, 1.0), (0.6, 0.98), (0.75, 1.15), (1, 1.6)), speed=0.75, size=1.1), 1.4))
