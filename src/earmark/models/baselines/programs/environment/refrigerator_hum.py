hum = buzz(100, 4.0, dull=1.19, partials=20) + 0.4 * sine(50, 4.0)
hum = lowpass(hum, 305)
save(hum / np.std(hum) + 0.1 * lowpass(colour(4.0, -3), 3000))
