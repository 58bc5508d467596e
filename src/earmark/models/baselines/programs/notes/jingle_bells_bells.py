def bell(midi, seconds):
    f = hz(midi)
    return struck((f, 1.002 * f, 3.0 * f, 4.24 * f, 6.1 * f), (1, 0.5, 0.4, 0.12, 0.08), (2.5, 2.2, 5, 12, 25), seconds, touch=0.1, bright=(2500, 9000), seed=midi)


starts = (0, 0.5, 1, 2, 2.5, 3, 4, 4.5, 5, 5.5, 6)
tune = (76, 76, 76, 76, 76, 76, 76, 79, 72, 74, 76)
ends = (*starts[1:], 8.0)
save(hall(play([(a, midi, b - a - 0.02) for a, b, midi in zip(starts, ends, tune)], 8.0, bell), 0.8, 0.1))
