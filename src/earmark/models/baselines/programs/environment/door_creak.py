rate = curve(2.8, (0, 28), (1.2, 70), (2.2, 150), (2.8, 110)) * (1 + 0.1 * slow(2.8, 25, -1, 1))
slip = pulses(rate) * 10
wood = sum(ring(slip, hz, 60) * hz / 300 for hz in (480, 900, 1400)) + ring(slip, 2300, 120) * 4 * curve(2.8, (0, 0.2), (2.8, 2))
track = blank(3.0)
place(track, 0.1, wood * curve(2.8, (0, 0.3), (1.0, 0.8), (2.2, 1), (2.8, 0.2)) * (0.6 + 0.4 * slow(2.8, 7)))
save(room(track, 0.4, 0.1))
