t = clock(8.0)
near = 0.12 + 1 / (1 + ((t - 4.0) / 1.6) ** 2)
rumble = lowpass(colour(8.0, -4), 500)
track = 0.35 * rumble / np.std(rumble) * near + 0.05 * band(white(8.0), 400, 3000) * near
for k in range(10):
    for late in (0.0, 0.22):
        start = 0.3 + 0.8 * k + late
        if start < 7.8:
            place(track, start, knock((180, 420, 900), 35, 0.18, noise=1.0, bright=3500), 2.2 * near[round(start * RATE)])
save(track)
