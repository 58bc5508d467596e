slowing = curve(8.0, (0, 1), (6.5, 0.05), (8, 0))
rumble = band(colour(8.0, -3), 50, 400)
track = 0.2 * rumble / np.std(rumble) * slowing + 1.2 * ring(pulses(7 * slowing) * 30, 220, 60) * slowing
squeal = curve(8.0, (0, 0), (2.5, 0), (4.5, 0.6), (6.6, 1), (7.0, 0), (8, 0)) * slow(8.0, 15, 0.7, 1)
pitch = curve(8.0, (0, 2000), (2.5, 2100), (6.6, 3200), (8, 3200)) * (1 + 0.004 * slow(8.0, 30, -1, 1))
save(track + 0.8 * squeal * (sine(pitch, 8.0) + 0.5 * sine(1.53 * pitch, 8.0) + 0.1 * band(white(8.0), 2000, 6000)))
