track = blank(3.0)
for start in (0.3, 0.65, 1.0, 2.0, 2.35):
    thud = modes((120, 210, 340, 560), (1, 0.8, 0.5, 0.3), (28, 34, 45, 70), 0.25) + 0.6 * lowpass(white(0.25), 1800) * fall(
        0.25, 120, 0.0005
    )
    place(track, start, thud, RNG.uniform(0.8, 1))
save(room(track, 0.3, 0.2, 2500))
