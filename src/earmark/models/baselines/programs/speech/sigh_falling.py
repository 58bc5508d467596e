sigh = say("HH AA*7 AH*2", 200.0, tune=((0, 1), (0.25, 0.95), (1, 0.55)), rough=0.02, rd=1.6)
save(fit(sigh * np.linspace(1, 0.25, len(sigh)), 1.5, lead=0.05))
