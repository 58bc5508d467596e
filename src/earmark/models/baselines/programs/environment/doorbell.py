track = blank(2.5)
for start, hz in ((0.1, 659.26), (0.6, 523.25)):
    chime = modes((hz, 2 * hz, 3 * hz), (1, 0.25, 0.1), (2.5, 4, 7), 1.9) * np.minimum(1, clock(1.9) / 0.003)
    place(track, start, chime)
save(track)
