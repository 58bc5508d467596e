track = blank(2.5)
t = clock(1.0)
slurp = band(white(1.0), 1500, 6500) * slow(1.0, 40, 0.3, 1) * np.sin(np.pi * t) ** 0.7
swallow = clock(0.16)
gulp = sine(230 + 2200 * swallow, 0.16) * np.sin(np.pi * swallow / 0.16) ** 2 + 0.3 * lowpass(white(0.16), 700) * fall(0.16, 30)
place(track, 0.15, slurp / np.abs(slurp).max())
place(track, 1.7, gulp, 0.6)
save(track)
