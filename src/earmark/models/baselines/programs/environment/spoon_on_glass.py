track = blank(3.0)
for k in range(4):
    ping = modes((2150, 3480, 5320, 6900), (1, 0.7, 0.4, 0.2), (9, 13, 18, 25), 1.0) + 0.5 * highpass(white(1.0), 3000) * fall(
        1.0, 300, 0.0003
    )
    place(track, 0.3 + 0.5 * k, ping, 0.9 + 0.1 * (k % 2))
save(track)
