words = "AY1*1.2 AE*1.4 M S OW1*1.8 AX L OW1*1.6 N*1.5"
save(room(fit(say(words, 185.0, tune=((0, 1.08), (0.4, 1), (1, 0.8)), speed=0.75, size=1.12, rd=1.0), 2.8), 0.3, 0.1))
