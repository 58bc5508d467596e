save(tone(110.0, 2.0, SAW))
