track = blank(2.5)
for k in range(7):
    base = 235 - 15 * k
    ha = cry(
        curve(0.2, (0, base), (0.06, 1.1 * base), (0.2, 0.85 * base)),
        ((740, 110, 1), (1180, 140, 0.6), (2450, 220, 0.2)),
        breath=0.2,
        attack=0.03,
        release=0.09,
    )
    place(track, 0.12 + 0.32 * k, band(white(0.1), 700, 3500) * np.sin(np.pi * clock(0.1) / 0.1), 0.05)
    place(track, 0.19 + 0.32 * k, ha, 1 - 0.07 * k)
save(room(track, 0.2, 0.03))
