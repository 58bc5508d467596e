track = blank(2.0)
for k in range(3):
    place(track, 0.5 * k, tone(900.0, 0.15, {1: 1, 1.58: 0.5, 2.7: 0.25}, attack=0.001, fall=35))
save(track)
