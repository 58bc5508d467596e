track = blank(2.5)
for k in range(7):
    base = 235 - 17.4 * k
    ha = cry(
        curve(0.272, (0, base), (0.06, 1.1 * base), (0.197, 0.85 * base)),
        ((740, 179, 1), (1180, 140, 0.639), (2450, 174, 0.2)),
        breath=0.217,
        attack=0.0432,
        release=0.09,
    )
    place(track, 0.0795 + 0.32 * k, band(white(0.1), 700, 3500) * np.sin(np.pi * clock(0.1) / 0.153), 0.0564)
    place(track, 0.19 + 0.32 * k, ha, 1 - 0.07 * k)
save(room(track, 0.2, 0.0173))
