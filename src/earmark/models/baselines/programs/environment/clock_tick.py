track = blank(5.0)
for k in range(5):
    for start, hz, level in ((0.25 + k, 2600, 1.0), (0.75 + k, 2000, 0.7)):
        tick = modes((hz, hz * 1.7, hz * 2.9), (1, 0.6, 0.4), (180, 260, 400), 0.05) + 0.8 * highpass(white(0.05), 2500) * fall(
            0.05, 500, 0.0003
        )
        place(track, start, tick, level)
save(track)
