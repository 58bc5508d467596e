word = [say("N OW1", 215.0 * fall, tune=((0, 1.05), (1, 0.92)), size=1.15) for fall in (1, 0.94, 0.86)]
save(mixed(1.8, (0.1, word[0], 1), (0.65, word[1], 0.9), (1.2, word[2], 0.9)))
