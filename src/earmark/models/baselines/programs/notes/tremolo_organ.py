t = clock(3.0)
save(tone(hz(60), 3.0, ORGAN) * (1 + 0.5 * np.sin(2 * np.pi * 6 * t)))
