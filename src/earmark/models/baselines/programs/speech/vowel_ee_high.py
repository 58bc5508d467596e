save(room(fit(held("IY", 1.1, 220.0, rd=1.0), 1.2, lead=0.05), 0.2, 0.15))
