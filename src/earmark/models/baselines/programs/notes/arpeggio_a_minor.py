save(play([(0.25 * k, midi, 0.24) for k, midi in enumerate((57, 60, 64, 69, 72, 69, 64, 60))], 2.0, piano))
