save(sum(piano(midi, 3.0) for midi in (60, 64, 67)))
