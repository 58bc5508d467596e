track = blank(5.0)
for k in range(6):
    step = knock((95, 180, 330), 45, 0.15, noise=0.7, bright=2500)
    place(track, 0.25 + 0.5 * k, step, 0.22 * 1.22**k)
for start in (3.7, 4.05, 4.4):
    place(track, start, knock((130, 230, 360, 580), 28, 0.25, noise=0.6, bright=1800))
save(room(track, 0.25, 0.08, 2500))
