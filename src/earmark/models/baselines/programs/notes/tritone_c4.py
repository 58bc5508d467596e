save(sum(tone(hz(midi), 2.0, {1: 1, 2: 0.3, 3: 0.1}) for midi in (60, 66)))
