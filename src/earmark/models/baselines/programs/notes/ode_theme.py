tune = (64, 64, 65, 67, 67, 65, 64, 62, 60, 60, 62, 64)
save(play([(0.5 * k, midi, 0.46) for k, midi in enumerate(tune)], 6.0, piano))
