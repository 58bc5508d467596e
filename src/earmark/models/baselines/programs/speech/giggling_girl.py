hee = [say("HH IY", 420.0 * (1 - 0.03 * k), tune=((0, 1.05), (1, 0.92)), size=1.2, speed=1.25) for k in range(7)]
save(mixed(1.8, *((0.08 + 0.22 * k, sound, 1 - 0.06 * k) for k, sound in enumerate(hee))))
