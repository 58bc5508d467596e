save(room(fit(held("UW", 1.15, 110.0), 1.2, lead=0.04), 0.2, 0.15))
