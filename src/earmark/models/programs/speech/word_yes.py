save(fit(say("Y EH1 S", 120.0), 1.0))
