save(fit(say("M*2 AA1*2", 130.0), 1.0))
