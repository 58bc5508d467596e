save(room(fit(held("AA", 1.15, 120.0), 1.2, lead=0.04), 0.2, 0.15))
