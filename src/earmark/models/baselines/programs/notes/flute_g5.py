save(hall(blown(79, 3.0, release=0.2), 1.0, 0.15))
