save(tone(hz(60), 2.0, SQUARE))
