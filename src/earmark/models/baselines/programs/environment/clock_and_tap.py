track = blank(4.0)
for start in (0.5, 1.5, 2.5, 3.5):
    tick = modes((2600, 4400), (1, 0.6), (180, 260), 0.05) + 0.8 * highpass(white(0.05), 2500) * fall(0.05, 500, 0.0003)
    place(track, start, tick)
for start in (0.9, 2.9):
    drop = clock(0.12)
    place(track, start, sine(900 + 1600 * (drop / 0.12) ** 0.7, 0.12) * np.exp(-drop * 35) * np.minimum(1, drop / 0.002), 0.9)
save(track)
