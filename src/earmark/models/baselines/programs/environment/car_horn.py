track = blank(2.0)
for start, length in ((0.15, 0.3), (0.75, 0.9)):
    horn = buzz(420.0, length, dull=0.6, partials=16) + buzz(520.0, length, dull=0.6, partials=16)
    place(track, start, highpass(horn, 350) * np.minimum(1, np.minimum(clock(length), clock(length)[::-1]) / 0.015))
save(track)
