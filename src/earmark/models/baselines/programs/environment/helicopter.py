t = clock(5.0)
turn = 11 * t
beat = turn % 1
chop = np.exp(-beat * 7) + 0.35 * np.exp(-((beat - 0.5) % 1) * 9)
wash = band(colour(5.0, -3), 50, 1200) * (0.25 + chop)
slap = ring(pulses(np.full(len(t), 11.0)) * 40, 85, 25) * 3 + ring(pulses(np.full(len(t), 11.0)) * 40, 180, 60)
tail = buzz(62.0, 5.0, dull=1.1, partials=10) * (0.7 + 0.3 * chop)
whine = sine(1450 + 8 * slow(5.0, 4, -1, 1), 5.0) + 0.6 * sine(2900.0, 5.0)
air = band(white(5.0), 800, 4500) * (0.4 + chop)
save(wash / np.std(wash) + 0.8 * slap / np.std(slap) + 0.15 * tail / np.std(tail) + 0.16 * air / np.std(air) + 0.03 * whine)
