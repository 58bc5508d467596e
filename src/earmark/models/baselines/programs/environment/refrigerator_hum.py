hum = sum(level * sine(hz, 4.0) for hz, level in ((100, 1.0), (200, 0.45), (300, 0.2), (400, 0.1), (50, 0.3)))
save(hum + 0.02 * lowpass(white(4.0), 1500))
