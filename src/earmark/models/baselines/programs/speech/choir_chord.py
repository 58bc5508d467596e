hz = [440 * 2 ** ((midi - 69) / 12) for midi in (60, 64, 67)]
voices = [(0.05, say(hold("AA", 2.35), f, tune=((0, 1), (1, 1)), size=1.0 + 0.07 * k, rough=0.002), 1) for k, f in enumerate(hz)]
save(mixed(2.5, *voices))
