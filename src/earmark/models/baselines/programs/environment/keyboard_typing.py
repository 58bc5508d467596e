track = blank(4.0)
start = 0.1
while start < 3.8:
    place(track, start, band(white(0.03), 1500, 7000) * fall(0.03, 220, 0.0003) + 0.4 * modes((450, 900), (1, 0.5), (120, 160), 0.03), RNG.uniform(0.6, 1))
    start += RNG.uniform(0.12, 0.26)
save(track)
