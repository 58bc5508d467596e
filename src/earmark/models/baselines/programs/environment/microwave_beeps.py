track = blank(3.0)
for k in range(3):
    place(track, 0.2 + k, sine(2000.0, 0.5) * np.minimum(1, np.minimum(clock(0.5), clock(0.5)[::-1]) / 0.004))
save(track)
