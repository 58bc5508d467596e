save(hall(bowed(69, 3.0, attack=0.15, release=0.2, swing=20, late=0.4), 1.0, 0.25))
