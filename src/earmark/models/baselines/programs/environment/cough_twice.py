track = blank(2.0)
for start, base in ((0.15, 268), (1.0, 264)):
    burst = band(white(0.35), 730, 3610) * fall(0.35, 30.5, 0.003)
    rough = cry(
        curve(0.35, (0, base), (0.35, 0.9 * base)) * (1 + 0.285 * slow(0.35, 97.5, -1, 1)),
        ((500, 150, 1), (1530, 200, 1.09), (2300, 300, 0.537)),
        breath=0.4,
        dull=0.456,
    )
    tail = band(white(0.25), 700, 4900) * fall(0.25, 11.6, 0.03)
    place(track, start, burst / np.abs(burst).max(), 0.699)
    place(track, start + 0.0226, rough * fall(0.35, 13.2), 1.42)
    place(track, start + 0.22, tail / np.abs(tail).max(), 0)
save(room(track, 0.25, 0.0989))
