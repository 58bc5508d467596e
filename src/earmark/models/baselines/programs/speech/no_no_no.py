word = [say("N OW1", 225.0 * fall, tune=((0, 1.05), (1, 0.85)), size=1.12, rd=1.0) for fall in (1, 0.94, 0.88)]
save(mixed(1.8, (0.1, word[0], 1), (0.65, word[1], 0.9), (1.2, word[2], 0.9)))
