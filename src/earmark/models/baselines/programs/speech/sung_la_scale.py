notes = [440 * 2 ** ((midi - 69) / 12) for midi in (60, 62, 64, 65, 67)]
sung = [say("L AA*3", hz, tune=((0, 1), (1, 1)), size=1.1, rough=0.0, speed=1.2) for hz in notes]
save(mixed(2.6, *((0.05 + 0.5 * k, sound * np.minimum(1, np.arange(len(sound))[::-1] / 1600), 1) for k, sound in enumerate(sung))))
