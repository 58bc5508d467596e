def bow(midi, seconds):
    return tone(hz(midi), seconds, STRING, attack=0.015, release=0.05)


save(play([(0.5 * k, 74, 0.2) for k in range(8)], 4.0, bow))
