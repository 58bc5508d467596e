track = blank(5.0)
for k in range(8):
    start = 0.3 + 0.58 * k
    heel = modes((90, 170, 310), (1, 0.7, 0.3), (45, 55, 80), 0.15) + 0.7 * band(white(0.15), 300, 2500) * fall(0.15, 70, 0.001)
    sole = band(white(0.12), 900, 5000) * fall(0.12, 45, 0.01)
    place(track, start, heel, CHANCE.uniform(0.85, 1))
    place(track, start + 0.09, sole, 0.12)
save(room(track, 0.25, 0.15, 3000))
