giggle = []
for k in range(7):
    hee = say("HH IY1", 430.0 * (1 - 0.03 * k), tune=((0, 0.95), (0.4, 1.12), (1, 0.85)), size=1.22, speed=1.2, rough=0.02)
    giggle.append((0.08 + 0.22 * k, hee * np.hanning(len(hee)) ** 0.3, 1 - 0.07 * k))
save(room(mixed(1.8, *giggle)))
