singers = []
for at, midi in enumerate((60, 64, 67)):
    for k in range(3):
        hz = 440 * 2 ** ((midi - 69 + 0.04 * (k - 1)) / 12)
        voice = say(hold("AA", 2.5), hz, tune=((0, 0.99), (0.06, 1), (1, 1)), size=1.0 + 0.05 * at + 0.02 * k, rough=0.004, shake=(5 + 0.4 * k, 0.003))
        singers.append((0.01 + 0.02 * k, voice, 1))
save(room(mixed(2.5, *singers), 1.0, 0.3))
