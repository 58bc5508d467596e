def block(f, seed):
    return struck((f, 1.6 * f, 2.54 * f, 4.0 * f), (1, 0.7, 0.4, 0.2), (60, 80, 120, 170), 0.15, touch=0.5, seed=seed)


track = blank(4.0)
for k in range(4):
    place(track, float(k), block(620.0, k))
for k in range(6):
    place(track, 2 * k / 3, block(1050.0, 10 + k))
save(hall(track, 0.25, 0.1))
