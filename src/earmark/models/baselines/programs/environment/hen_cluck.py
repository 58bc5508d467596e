track = blank(3.0)
for start, length, low, high in (
    (0.15, 0.09, 430, 330),
    (0.6, 0.09, 450, 340),
    (1.05, 0.08, 420, 320),
    (1.5, 0.1, 460, 340),
    (2.0, 0.55, 480, 820),
):
    pitch = curve(length, (0, low), (0.5 * length, max(low, high)), (length, high * 0.8))
    place(track, start, cry(pitch, ((900, 200, 1), (1700, 300, 0.7), (2800, 400, 0.3)), breath=0.4, attack=0.01, release=0.04))
save(track)
