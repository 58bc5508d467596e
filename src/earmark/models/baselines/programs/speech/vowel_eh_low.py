save(room(fit(held("EH", 1.15, 125.0), 1.2, lead=0.04), 0.2, 0.15))
