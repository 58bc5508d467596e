save(tone(hz(60), 3.0, REED, attack=0.05, release=0.1))
