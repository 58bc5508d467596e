save(sum(tone(hz(midi), 3.0, {1: 1, 2: 0.4, 3: 0.15}, attack=0.02, fall=0.4) for midi in (57, 60, 64, 67)))
