low = say(hold("M", 0.26), 195.0, tune=((0, 1), (1, 0.97)), size=1.1)
high = say("HH " + hold("M", 0.3), 235.0, tune=((0, 1), (1, 1.03)), size=1.1)
save(mixed(1.0, (0.1, low, 1), (0.48, high, 1)))
