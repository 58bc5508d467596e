track = blank(4.0)
t = clock(0.4)
for k in range(8):
    skin = np.sin(2 * np.pi * np.cumsum(48 + 110 * np.exp(-t * 40) + 900 * np.exp(-t * 400)) / RATE) * np.exp(-t * 11)
    shell = 0.25 * np.sin(2 * np.pi * 97 * t) * np.exp(-t * 16)
    beater = 0.35 * noise(0.4, 1500, 5000, k) * np.exp(-t * 350)
    place(track, 0.5 * k, skin + shell + beater)
save(hall(track, 0.3, 0.06))
