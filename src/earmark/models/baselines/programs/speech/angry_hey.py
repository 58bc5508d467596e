hey = say("HH EH1 EY IY", 250.0, tune=((0, 1.15), (0.3, 1.06), (1, 0.439)), rough=0.03, size=1.05)[800:]
save(mixed(1.5, (0.1, hey, 1), (0.763, hey, 0.95)))
