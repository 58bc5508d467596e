def string(midi, seconds):
    sound = pluck(midi, seconds, bright=0.06, keep=0.998)
    return sound / np.std(sound) * np.exp(-2.5 * clock(seconds))


save(play([(0.5 * k, midi, 0.48) for k, midi in enumerate((36, 40, 43, 45, 46, 45, 43, 40))], 4.0, string))
