track = blank(4.0)
for k, (start, high) in enumerate(((0.1, 520), (1.08, 560), (2.05, 540), (3.03, 500))):
    pitch = curve(0.8, (0, 0.75 * high), (0.18, high), (0.5, 0.95 * high), (0.8, 0.7 * high)) * (1 + 0.01 * slow(0.8, 25, -1, 1))
    wail = cry(pitch, ((1100, 180, 1), (1700, 250, 0.6), (3400, 400, 0.4)), breath=0.15, attack=0.1, release=0.15)
    place(track, start, wail, 0.9 + 0.1 * (k % 2))
    if k < 3:
        place(track, start + 0.84, band(white(0.1), 1500, 5000) * np.sin(np.pi * clock(0.1) / 0.1), 0.02)
save(room(track, 0.2, 0.03))
