save(tone(hz(64), 2.0, TRIANGLE))
