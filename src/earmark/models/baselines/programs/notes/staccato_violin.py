save(hall(play([(0.5 * k, 74, 0.2) for k in range(8)], 4.0, lambda midi, seconds: bowed(midi, seconds, 0.02, 0.05, swing=0)), 0.5, 0.12))
