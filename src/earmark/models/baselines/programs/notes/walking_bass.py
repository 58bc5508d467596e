def string(midi, seconds):
    sound = pluck(midi, seconds, bright=0.12, keep=0.997)
    sound = body(sound, (95, 4, 1.0), (190, 5, 0.6), (420, 4, 0.3))
    finger = noise(seconds, 150, 2500, midi) * np.exp(-clock(seconds) * 90)
    return (sound / np.std(sound) + 0.8 * finger) * np.exp(-2.2 * clock(seconds))


tune = [(0.5 * k, midi, 0.48) for k, midi in enumerate((36, 40, 43, 45, 46, 45, 43, 40))]
save(hall(play(tune, 4.0, string), 0.4, 0.06))
