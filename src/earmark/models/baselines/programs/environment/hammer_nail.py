track = blank(3.0)
for k in range(5):
    blow = knock((260, 520, 940), 40, 0.25, noise=1.0, bright=4000) + 0.5 * modes((2900 + 90 * k, 4700 + 90 * k), (1, 0.6), (50, 70), 0.25)
    place(track, 0.3 + 0.6 * k, blow, 0.9 + 0.1 * (k % 2))
save(room(track, 0.2, 0.1))
