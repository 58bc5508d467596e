t = clock(4.0)
players = [bowed(56.88 + 0.05 * at, 4.0, attack=0.3, swing=8 + 2 * at, seed=10 * at + 1) for at in range(6)]
save(hall(sum(players), 1.2, 0.35) * 10 ** (1.5 * (t / 4.0 - 1)))
