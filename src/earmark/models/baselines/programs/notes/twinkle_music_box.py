def comb(midi, seconds):
    f = hz(midi)
    return struck((f, 1.003 * f, 2.76 * f, 5.4 * f), (1, 0.4, 0.25, 0.15), (4, 5, 14, 30), seconds, touch=0.15, bright=(2000, 9000), seed=midi)


tune = [(0.5 * k, midi, 0.49) for k, midi in enumerate((84, 84, 91, 91, 93, 93, 91))]
save(hall(body(play(tune, 3.5, comb), (900, 3, 0.3)), 0.5, 0.12))
