words = "W IY S AO D AX B IH G D AO G AX N D IH T R AE N T UW M IY"
leaps = [(k / 12, (0.85, 1.25, 1.0, 1.4)[k % 4]) for k in range(13)]
save(fit(say(words, 320.0, tune=leaps, speed=1.15, size=1.3), 2.0, lead=0.05))
