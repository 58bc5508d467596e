save(tone(hz(55), 3.0, ORGAN))
