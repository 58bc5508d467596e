save(hall(clarinet(60, 3.0, attack=0.06, release=0.12), 0.7, 0.15))
