track = blank(3.0)
for start in (0.2, 1.1, 2.0):
    pitch = curve(0.5, (0, 420), (0.15, 520), (0.5, 400)) * (1 + 0.12 * slow(0.5, 90, -1, 1))
    caw = cry(pitch, ((1300, 250, 1), (1900, 300, 0.8), (2800, 500, 0.3)), breath=0.8, dull=0.4, attack=0.03, release=0.12)
    place(track, start, caw)
save(room(track, 0.3, 0.05))
