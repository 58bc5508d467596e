track = blank(3.0)
for k, start in enumerate((0, 0.6, 1.08, 1.46, 1.77, 2.02, 2.22, 2.38)):
    place(track, start, 0.88**k * tone(1400.0, 0.08, {1: 1, 1.9: 0.6, 3.3: 0.3}, attack=0.001, fall=60))
save(track)
