save(hall(pipe(60, 2.0) + pipe(67, 2.0), 2.0, 0.25))
