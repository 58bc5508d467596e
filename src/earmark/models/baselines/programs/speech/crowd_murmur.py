def turn(seed):
    rng = np.random.default_rng(seed)
    parts = ("B AA1", "D OW1", "M EY", "N IY", "L AH1", "W EH", "S IH", "K AO1", "T UH", "R AE1")
    text = " ".join(f"{rng.choice(parts)} {rng.choice((0, 0, 0, 120))}" for _ in range(16))
    return say(
        text,
        rng.uniform(95, 230),
        tune=((0, 1), (0.2, 0.9), (0.4, 1.1), (0.7, 0.9), (1, 1)),
        speed=rng.uniform(0.9, 1.2),
        size=rng.uniform(0.95, 1.2),
    )


mix = np.zeros(round(4.0 * RATE))
for seed in range(16):
    talk = turn(seed)
    mix += np.random.default_rng(seed).uniform(0.4, 1) * np.resize(talk / np.abs(talk).max(), len(mix))
save(signal.sosfilt(signal.butter(1, 3000, "low", fs=RATE, output="sos"), room(mix, 1.2, 1.0)))
