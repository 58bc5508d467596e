def trumpet(midi, seconds):
    return tone(hz(midi), seconds, BRASS, attack=0.02, release=0.06)


save(play([(0.5 * k, midi, 0.43) for k, midi in enumerate((60, 60, 64, 67, 64, 67))], 3.0, trumpet))
