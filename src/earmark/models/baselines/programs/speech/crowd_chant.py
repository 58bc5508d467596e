def everyone():
    men = [say("HH EH1 EY", CHANCE.uniform(120, 210), tune=((0, 1.12), (1, 0.85)), size=CHANCE.uniform(1.07, 1.1)) for _ in range(12)]
    return mixed(0.6, *((CHANCE.uniform(0, 0.04), voice, CHANCE.uniform(0.5, 1)) for voice in men))


save(mixed(4.0, *((0.15 + k, everyone(), 1) for k in range(4))))
