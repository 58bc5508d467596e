t = clock(8.0)
near = 0.286 + 1 / (1 + ((t - 4.0) / 2.34) ** 2)
rumble = lowpass(colour(8.0, -1), 500) * (1 + 0.469 * slow(8.0, 12.7, -1, 1))
track = 1.04 * rumble / np.std(rumble) * near + 0.05 * band(white(8.0), 653, 6000) * near
for k in range(10):
    for late in (0.0, 0.22):
        start = 0.3 + 0.8 * k + late
        if start < 7.8:
            place(track, start, knock((200, 300, 900), 44.3, 0.3, noise=2.84, bright=5000), 1.51 * near[round(start * RATE)])
save(room(track, 0.3, 0.3))
