track = blank(3.0)
for start in (0.141, 1.1, 2.0):
    pitch = curve(0.5, (0, 405), (0.15, 271), (0.589, 400)) * (1 + 0.201 * slow(0.5, 83.3, -1, 1))
    caw = cry(pitch, ((2640, 145, 1), (1990, 247, 0.547), (2780, 741, 0.388)), breath=0.8, dull=0.3, attack=0.0232, release=0.0949)
    place(track, start, caw)
save(room(track, 0.3, 0.05))
