bar = tone(hz(72), 2.0, {1: 1}, attack=0.002, fall=5) + 0.25 * tone(4 * hz(72), 2.0, {1: 1}, attack=0.001, fall=25)
save(bar)
