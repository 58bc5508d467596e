track = blank(4.0)
for k in range(8):
    place(track, 0.5 * k, tone(1000.0, 0.06, {1: 1, 2: 0.3}, attack=0.001, fall=60))
save(track)
