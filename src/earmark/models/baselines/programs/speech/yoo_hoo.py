high = say("Y UW*4", 392.0, tune=((0, 0.95), (0.2, 1), (1, 1)), size=1.15)
low = say("HH UW*5", 311.0, tune=((0, 1), (1, 0.99)), size=1.15)
save(mixed(1.5, (0.05, high, 1), (0.68, low, 0.95)))
