hiss = say("P S S T", speed=1.3)
save(mixed(1.5, (0.1, hiss, 1), (0.7, hiss, 0.9)))
