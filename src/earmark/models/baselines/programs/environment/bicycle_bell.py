track = blank(2.0)
for start in (0.15, 1.0):
    t = clock(0.8)
    bell = modes((2650, 3720, 5900, 7100), (1, 0.6, 0.5, 0.3), (6, 8, 11, 14), 0.8)
    hammer = 0.6 + 0.4 * np.exp(-((t * 22) % 1) * 4) * (t < 0.4)
    place(track, start, bell * hammer * np.minimum(1, t / 0.002) * np.where(t < 0.4, 1, np.exp(-(t - 0.4) * 6)))
save(track)
