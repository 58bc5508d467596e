save(play([(0.5 * k, midi, 0.48) for k, midi in enumerate((60, 62, 64, 65, 67, 69, 71, 72))], 4.0, piano))
