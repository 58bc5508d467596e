def comb(midi, seconds):
    return tone(hz(midi), seconds, {1: 1, 2: 0.15, 3.1: 0.1}, attack=0.001, fall=5)


save(play([(0.5 * k, midi, 0.49) for k, midi in enumerate((84, 84, 91, 91, 93, 93, 91))], 3.5, comb))
