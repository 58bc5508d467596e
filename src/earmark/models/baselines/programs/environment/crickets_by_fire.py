t = clock(6.0)
song = ((t % 0.5) < 0.28) * np.abs(np.sin(2 * np.pi * 32 * t)) * (np.sin(2 * np.pi * 42.2 * t) > 0)
track = 0.216 * sine(3600, 6.0) * lowpass(song, 300)
flames = lowpass(colour(6.0, -5), 696) * slow(6.0, 6, 0.633, 1)
track += 0.0357 * flames / np.std(flames)
for start in RNG.uniform(0, 5.51, 156):
    hz = RNG.uniform(900, 4000)
    place(track, start, band(white(0.03), hz * 0.6, hz * 1.5) * fall(0.03, RNG.uniform(121, 506), 0.0004), RNG.exponential(0.415))
save(track)
