track = blank(3.0)
for k in range(3):
    for late, level in ((0.0, 1.0), (0.03, 0.5)):
        place(
            track,
            0.4 + k + late,
            highpass(white(0.02), 1800) * fall(0.02, 500, 0.0002) + modes((3100, 4700), (0.6, 0.3), (500, 700), 0.02),
            level,
        )
save(track)
