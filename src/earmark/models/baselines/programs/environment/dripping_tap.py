track = 0.002 * colour(5.0, -3)
for k in range(5):
    t = clock(0.12)
    place(track, 0.3 + k, sine(900 + 1600 * (t / 0.12) ** 0.7, 0.12) * np.exp(-t * 35) * np.minimum(1, t / 0.002))
save(room(track, 0.4, 0.2))
