track = 0.001 * colour(5.0, -3)
t = clock(2.0)
place(track, 0.05, (sine(900 + 700 * t, 2.0) + 0.3 * band(white(2.0), 1500, 5000)) * curve(2.0, (0, 0.4), (1.5, 1), (2.0, 0.1)), 0.12)
boom = lowpass(white(1.2), 900) * fall(1.2, 5, 0.004)
place(track, 2.1, boom / np.abs(boom).max(), 1.2)
place(track, 2.1, highpass(white(0.2), 1000) * fall(0.2, 40, 0.001), 0.2)
for start in 2.3 + RNG.exponential(0.7, 110):
    if start < 4.9:
        place(
            track, start, band(white(0.03), 1800, 7000) * fall(0.03, 250, 0.0004), RNG.uniform(0.1, 0.5) * np.exp(-(start - 2.3) * 0.5)
        )
save(room(track, 0.6, 0.08))
