save(hall(blown(64, 3.0, 0.1, 0.25, seed=1) + blown(67, 3.0, 0.12, 0.25, seed=5), 1.0, 0.15))
