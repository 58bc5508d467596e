save(tone(hz(60), 2.0, ORGAN) + tone(hz(67), 2.0, ORGAN))
