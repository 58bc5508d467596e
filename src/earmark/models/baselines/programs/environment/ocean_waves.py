t = clock(9.0)
swell = sum(np.exp(-(((t - at) / 0.75) ** 2)) for at in (1.6, 4.6, 7.6))
foam = band(white(9.0), 800, 9000) * swell**1.5
deep = lowpass(colour(9.0, -3), 700) * (0.12 + swell)
save(foam + deep + 0.03 * colour(9.0, -3))
