calls = []
for k in range(24):
    tune = [(share, RNG.uniform(0.8, 1.25)) for share in np.linspace(0, 1, 6)]
    vowel = ("AA", "EY", "AO", "AE")[k % 4]
    call = say(hold(vowel, RNG.uniform(0.6, 1.3)), RNG.uniform(250, 550), tune=tune, size=RNG.uniform(1, 1.25), rough=0.02, rd=0.35)
    calls.append(call * np.hanning(len(call)) ** 0.3)
crowd = []
for call in 3 * calls:  # each throat three times, a little smaller or larger
    pace = RNG.uniform(0.85, 1.18)
    other = np.interp(np.arange(0, len(call) - 1, pace), np.arange(len(call)), call)
    crowd.append((RNG.uniform(0, 4.3), other, RNG.uniform(0.3, 0.8)))
voices = mixed(5.0, *crowd)[round(0.7 * RATE) :][: round(4.0 * RATE)]
roar = signal.sosfilt(signal.butter(2, [500, 2600], "band", fs=RATE, output="sos"), RNG.standard_normal(len(voices)))
swell = np.interp(np.linspace(0, 1, len(voices)), (0, 0.5, 1), (0.7, 1, 0.7))
save(swell * (voices / voices.std() + 0.3 * roar / roar.std()))
