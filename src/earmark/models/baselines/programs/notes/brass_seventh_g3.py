players = [brass(midi + off, 3.0, 0.07, 0.2, 2200, 4 * at + seed) for at, midi in enumerate((55, 59, 62, 65)) for seed, off in enumerate((-0.06, 0.0, 0.07))]
save(hall(sum(players), 1.2, 0.25))
