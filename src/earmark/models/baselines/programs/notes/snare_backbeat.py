track = blank(4.0)
for k in range(4):
    t = clock(0.35)
    skin = np.sin(2 * np.pi * np.cumsum(185 + 60 * np.exp(-t * 60)) / RATE) * np.exp(-t * 24) + 0.6 * np.sin(2 * np.pi * 331 * t) * np.exp(-t * 34)
    wires = noise(0.35, 1500, 10000, k) * np.exp(-t * 17)
    place(track, 0.5 + k, skin + 0.6 * wires)
save(hall(track, 0.35, 0.12))
