rate = curve(2.8, (0, 75.2), (1.33, 119), (2.2, 191), (2.8, 152)) * (1 + 0.0159 * slow(2.8, 12, -1, 1))
slip = pulses(rate) * 10
wood = sum(ring(slip, hz, 90) * hz / 300 for hz in (345, 1090, 1500)) + ring(slip, 3450, 266) * 4 * curve(2.8, (0, 1.6), (2.8, 3.58))
track = blank(3.0)
place(track, 0.1, wood * curve(2.8, (0, 0.3), (1.0, 0.8), (2.2, 1), (2.8, 0.2)) * (0.601 + 0.396 * slow(2.8, 7.3)))
save(room(track, 0.4, 0.125))
