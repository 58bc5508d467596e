save(room(fit(held("AA", 1.1, 300.0, size=1.3, shake=(5.5, 0.004), rd=1.0), 1.2, lead=0.05), 0.2, 0.15))
