save(tone(98.0, 2.0, SINE))
