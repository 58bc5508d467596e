track = blank(3.5)
for k, start in enumerate((0.2, 1.0, 1.65, 2.15, 2.55, 2.85)):
    bounce = knock((75, 150, 260), 25, 0.3, noise=0.7, bright=1800) + 0.15 * modes((640, 980), (1, 0.5), (30, 40), 0.3)
    place(track, start, bounce, 0.82**k)
save(room(track, 0.3, 0.08, 2500))
