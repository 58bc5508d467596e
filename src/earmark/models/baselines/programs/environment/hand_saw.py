track = 0.002 * colour(4.0, -3)
for k in range(6):
    t = clock(0.5)
    shape = np.sin(np.pi * t / 0.5) ** 1.2
    teeth = pulses(90 + 130 * shape + 12 * white(0.5))
    cut = band(np.convolve(teeth, np.exp(-np.arange(200) / 40), mode="same") * white(0.5), 700, 7000)
    sheet = sum(ring(teeth + 0.3 * white(0.5), hz * (1.12 if k % 2 else 1.0), 90) for hz in (1180, 2050, 3350, 4900))
    stroke = cut / np.std(cut) + 0.35 * sheet / np.std(sheet)
    place(track, 0.1 + 0.64 * k, stroke * shape, 1 - 0.3 * (k % 2))
save(room(track, 0.25, 0.12))
