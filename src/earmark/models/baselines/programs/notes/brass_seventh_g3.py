save(sum(tone(hz(midi), 3.0, BRASS, attack=0.06, release=0.15) for midi in (55, 59, 62, 65)))
