save(tone(440.0, 2.0, SINE))
