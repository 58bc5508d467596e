track = blank(2.0)
for k in range(3):
    hit = struck((870, 1395, 2210, 3480), (1, 0.7, 0.4, 0.2), (70, 90, 130, 180), 0.15, touch=0.5, seed=k)
    place(track, 0.5 * k, hit)
save(hall(track, 0.25, 0.12))
