track = blank(2.5)
for start, length, low, high in ((0.1, 0.17, 430, 560), (0.38, 0.15, 520, 640), (0.64, 0.22, 620, 760), (1.0, 1.2, 780, 520)):
    pitch = curve(length, (0, low * 0.85), (0.25 * length, (low + high) / 2), (0.6 * length, max(low, high)), (length, high * 0.9))
    place(track, start, cry(pitch, ((1300, 250, 1), (2400, 300, 0.6), (800, 200, 0.6)), breath=0.25), 0.7 + 0.3 * (length > 1))
save(room(track, 0.3, 0.05))
