def block(frequency):
    return tone(frequency, 0.15, {1: 1, 1.58: 0.5, 2.7: 0.25}, attack=0.001, fall=35)


track = blank(4.0)
for k in range(4):
    place(track, float(k), block(620.0))
for k in range(6):
    place(track, 2 * k / 3, block(1050.0))
save(track)
