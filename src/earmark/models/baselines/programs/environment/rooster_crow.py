track = blank(2.5)
for start, length, low, high in ((0.0668, 0.139, 325, 658), (0.395, 0.0554, 425, 640), (0.64, 0.22, 660, 760), (1.0, 1.2, 780, 504)):
    pitch = curve(length, (0, low * 0.85), (0.25 * length, (low + high) / 2), (0.815 * length, max(low, high)), (length, high * 0.616))
    place(track, start, cry(pitch, ((1300, 202, 1), (1930, 300, 0.777), (800, 121, 0.6)), breath=0.25), 0.7 + 0.3 * (length > 1))
save(room(track, 0.298, 0.0549))
