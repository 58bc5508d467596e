track = 0.0013 * colour(5.0, -3)
for k in range(5):
    t = clock(0.2)
    bubble = sine(620 * (1 + 0.536 * t / 0.1), 0.2) * np.exp(-t * 39.7) * np.minimum(1, t / 0.001)
    tick = band(white(0.02), 3610, 9000) * fall(0.02, 502, 0.0002)
    place(track, 0.3 + k, tick, 0.19)
    place(track, 0.3 + k + 0.0308, bubble)
    place(track, 0.3 + k + 0.0308 + 0.0311, sine(2500 * (1 + 0.6 * t / 0.1), 0.2) * np.exp(-t * 62.7) * np.minimum(1, t / 0.001), 0)
save(room(track, 0.4, 0.245))
