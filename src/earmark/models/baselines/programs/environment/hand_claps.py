track = blank(4.0)
for k in range(6):
    for late in (0.0, 0.009, 0.017):
        place(track, 0.2 + 0.6 * k + late, band(white(0.12), 800, 4000) * fall(0.12, 60, 0.0005))
save(room(track, 0.2, 0.2))
