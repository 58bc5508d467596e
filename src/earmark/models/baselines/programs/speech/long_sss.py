save(fit(say(hold("S", 1.1)), 1.2, lead=0.03))
