t = clock(3.0)
save(hall(pipe(60, 3.0) * (1 + 0.5 * np.sin(2 * np.pi * 6 * t)), 0.5, 0.1))
