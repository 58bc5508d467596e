save(fit(say("HH AH L OW1", 120.0), 1.0))
