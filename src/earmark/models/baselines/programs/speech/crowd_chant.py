def everyone():
    men = [say("HH EH1 EY", RNG.uniform(120, 210), tune=((0, 1.12), (1, 0.85)), size=RNG.uniform(1.07, 1.1)) for _ in range(12)]
    return mixed(0.6, *((RNG.uniform(0, 0.04), voice, RNG.uniform(0.5, 1)) for voice in men))


save(mixed(4.0, *((0.15 + k, everyone(), 1) for k in range(4))))
