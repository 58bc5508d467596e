hey = say("HH*1.2 EH1 EY", 230.0, tune=((0, 1.12), (0.3, 1.06), (1, 0.6)), rough=0.02, size=1.05)
save(mixed(1.5, (0.1, hey, 1), (0.75, hey, 0.95)))
