track = blank(2.0)
for start, base in ((0.15, 190), (1.0, 170)):
    burst = band(white(0.35), 400, 4000) * fall(0.35, 14, 0.004)
    rough = cry(
        curve(0.3, (0, base), (0.3, 0.7 * base)) * (1 + 0.1 * slow(0.3, 80, -1, 1)),
        ((600, 150, 1), (1200, 200, 0.7), (2400, 300, 0.3)),
        breath=0.6,
    )
    place(track, start, burst / np.abs(burst).max())
    place(track, start + 0.05, rough * fall(0.3, 9), 0.6)
save(track)
