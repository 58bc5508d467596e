track = blank(5.0)
for k in range(8):
    start = 0.3 + 0.61 * k
    heel = modes((116, 170, 283), (1, 0.39, 0.3), (51.6, 55, 85.0), 0.15) + 0.571 * band(white(0.15), 300, 1900) * fall(0.15, 70, 0.001)
    sole = band(white(0.12), 1360, 3950) * fall(0.12, 129.0, 0.0119)
    place(track, start, heel, RNG.uniform(0.85, 1))
    place(track, start + 0.0688, sole, 0.11)
save(room(track, 0.131, 0.189, 2450))
