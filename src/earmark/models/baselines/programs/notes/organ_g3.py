save(hall(pipe(55, 3.0), 2.5, 0.35))
