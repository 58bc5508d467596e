save(hall(play([(0.5 * k, midi, 0.43) for k, midi in enumerate((60, 60, 64, 67, 64, 67))], 3.0, brass), 0.7, 0.15))
