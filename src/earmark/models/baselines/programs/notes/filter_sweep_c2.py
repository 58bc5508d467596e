t = clock(4.0)
opened = 120 * 30 ** (t / 4.0)
f0 = hz(36)
save(sum(np.sin(2 * np.pi * k * f0 * t) / k / (1 + (k * f0 / opened) ** 4) for k in range(1, 120)))
