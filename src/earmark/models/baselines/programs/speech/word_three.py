save(fit(say("TH R IY1", 150.0, size=1.1), 1.0))
