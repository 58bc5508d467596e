def everyone():
    men = [say("HH EH1 EY", RNG.uniform(150, 230), tune=((0, 1.12), (1, 0.8)), size=RNG.uniform(1.0, 1.1), rough=0.02) for _ in range(12)]
    return mixed(0.7, *((RNG.uniform(0, 0.015), voice[400:], RNG.uniform(0.5, 1)) for voice in men))


save(mixed(4.0, *((0.15 + k, everyone(), 1) for k in range(4))))
