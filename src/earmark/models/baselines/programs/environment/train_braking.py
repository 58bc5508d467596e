slowing = curve(8.0, (0, 1), (6.5, 0.05), (8, 0))
rumble = band(colour(8.0, -2.96), 50, 1260)
track = 0.448 * rumble / np.std(rumble) * slowing + 0.519 * ring(pulses(7 * slowing) * 30, 220, 60) * slowing
squeal = curve(8.0, (0, 0), (2.5, 0), (4.5, 0.6), (6.6, 1), (7.0, 0), (8, 0)) * slow(8.0, 15, 0.335, 1)
pitch = curve(8.0, (0, 1800), (2.5, 1800), (6.6, 2960), (8, 2960)) * (1 + 0.002 * slow(8.0, 30, -1, 1))
save(room(track + 0.788 * squeal * (sine(pitch, 8.0) + 0.601 * sine(1.59 * pitch, 8.0) + 0 * sine(2.61 * pitch, 8.0) + 0.303 * band(white(8.0), 1000, 6000)), 0.5, 0.4))
