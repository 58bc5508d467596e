def clarinet(midi, seconds):
    return tone(hz(midi), seconds, REED, attack=0.02, release=0.05)


save(play([(0.5 * k, midi, 0.46) for k, midi in enumerate((69, 67, 65, 64, 62, 60, 59, 57))], 4.0, clarinet))
