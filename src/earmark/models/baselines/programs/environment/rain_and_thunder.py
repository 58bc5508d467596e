t = clock(8.0)
rain = 0.5 * band(white(8.0), 500, 8000)
for start in RNG.uniform(0, 7.9, 900):
    hz = RNG.uniform(1500, 7000)
    place(rain, start, band(white(0.02), hz * 0.8, hz * 1.2) * fall(0.02, 300), RNG.exponential(0.8))
roll = np.exp(-(((t - 4.0) / np.where(t < 4.0, 0.5, 1.1)) ** 2)) * slow(8.0, 8, 0.5, 1)
rumble = lowpass(colour(8.0, -6), 160) * roll
save(rain / np.std(rain) * 0.4 + 3 * rumble / np.std(rumble) * 0.8)
