t = clock(4.0)
save(tone(220.0, 4.0, STRING) * 10 ** (1.5 * (t / 4.0 - 1)))
