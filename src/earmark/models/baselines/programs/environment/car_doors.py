track = blank(3.0)
for start, level in ((0.5, 1.0), (2.0, 0.9)):
    thud = modes((58, 96, 150, 240), (1, 0.9, 0.6, 0.3), (16, 20, 26, 35), 0.6)
    panel = modes((410, 630, 890, 1370, 2100), (0.25, 0.2, 0.15, 0.1, 0.06), (25, 30, 38, 50, 60), 0.6)
    air = lowpass(white(0.6), 900) * fall(0.6, 18, 0.002)
    latch = band(white(0.6), 1500, 7000) * fall(0.6, 130, 0.0004)
    slam = thud + panel + 0.5 * air
    place(track, start, slam + 0.8 * latch, level)
    place(track, start + 0.035, 0.35 * latch + 0.15 * panel, level)
save(room(track, 0.5, 0.12, 3000))
