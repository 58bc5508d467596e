hiss = highpass(white(1.95), 2500) * (0.35 * fall(1.95, 2.8, 0.05))
track = blank(2.0)
place(track, 0.05, hiss)
place(
    track,
    0.03,
    2.5 * highpass(white(0.05), 1200) * fall(0.05, 120, 0.0004) + modes((1900, 3300, 5200), (1.5, 1, 0.7), (90, 120, 160), 0.05),
)
save(track)
