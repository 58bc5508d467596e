voices = []
for k in range(40):
    vowel = ("AA", "EY", "AO", "AE")[k % 4]
    tune = [(share, RNG.uniform(0.8, 1.25)) for share in np.linspace(0, 1, 6)]
    call = say(hold(vowel, RNG.uniform(0.8, 1.6)), RNG.uniform(180, 420), tune=tune, size=RNG.uniform(1, 1.25), rough=0.02)
    voices.append((RNG.uniform(-0.0, 3.2), call * np.hanning(len(call)) ** 0.3, RNG.uniform(0.3, 0.8)))
roar = signal.sosfilt(signal.butter(2, [500, 2600], "band", fs=RATE, output="sos"), RNG.standard_normal(round(4.0 * RATE)))
save(mixed(4.0, *voices) + 1.6 * roar)
