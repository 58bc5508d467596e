track = 0.002 * colour(4.0, -3)
for k in range(6):
    t = clock(0.5)
    teeth = 0.6 + 0.4 * np.sign(np.sin(2 * np.pi * (60 + 30 * np.sin(np.pi * t / 0.5)) * t))
    rasp = band(white(0.5), 1500 + 700 * (k % 2), 6000) * teeth * np.sin(np.pi * t / 0.5) ** 1.3
    place(track, 0.1 + 0.64 * k, rasp, 1 - 0.2 * (k % 2))
save(track)
