track = blank(3.0)
for k in range(5):
    blow = knock((214, 676, 800), 60, 0.25, noise=3, bright=3320) + 0.8 * modes((4500, 7040), (1, 0.799), (63.4, 57.9), 0.25)
    place(track, 0.3 + 0.6 * k, blow, 0.9 + 0.1 * (k % 2))
save(room(track, 0.387, 0.222))
