save(hall(play([(0.5 * k, midi, 0.47) for k, midi in enumerate((69, 67, 65, 64, 62, 60, 59, 57))], 4.0, clarinet), 0.6, 0.12))
