def bell(midi, seconds):
    return tone(hz(midi), seconds, {1: 1, 2: 0.3, 3: 0.2, 4.2: 0.1}, attack=0.002, fall=2.5)


starts = (0, 0.5, 1, 2, 2.5, 3, 4, 4.5, 5, 5.5, 6)
tune = (76, 76, 76, 76, 76, 76, 76, 79, 72, 74, 76)
ends = (*starts[1:], 8.0)
save(play([(a, midi, b - a - 0.02) for a, b, midi in zip(starts, ends, tune)], 8.0, bell))
