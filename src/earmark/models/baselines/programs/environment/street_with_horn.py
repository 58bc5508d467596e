engines = band(colour(6.0, -3), 80, 900)
track = 0.1 * engines / np.std(engines) * slow(6.0, 1, 0.8, 1) + 0.01 * band(white(6.0), 800, 5000)
for start in (2.0, 4.0):
    horn = buzz(410.0, 0.5, dull=0.6, partials=14) + buzz(510.0, 0.5, dull=0.6, partials=14)
    place(track, start, highpass(horn, 350) * np.minimum(1, np.minimum(clock(0.5), clock(0.5)[::-1]) / 0.012), 0.3)
save(track)
