horn = lowpass(buzz(110.0, 3.0, dull=0.8, partials=12), 700) * np.minimum(1, np.minimum(clock(3.0) / 0.25, clock(3.0)[::-1] / 0.2))
track = blank(4.0)
place(track, 0.3, horn)
save(room(track, 0.8, 0.05, 800))
