save(sum(tone(hz(midi), 3.0, FLUTE, attack=0.08, release=0.2) for midi in (64, 67)))
