track = 0.01 * band(white(4.0), 500, 6000)
for k in range(16):
    forth = k % 2
    scrape = band(white(0.19), 2200 + 900 * forth, 7000 + 1500 * forth) * np.sin(np.pi * clock(0.19) / 0.19) ** 1.2
    place(track, 0.02 + 0.25 * k, scrape, 1 - 0.25 * forth)
save(track)
