save(fit(say("M M AA1 AA1", 130.0), 1.0))
