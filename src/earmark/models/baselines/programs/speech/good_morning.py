tune = ((0, 1.0), (0.4, 1.25), (0.7, 1.0), (1, 0.85))
save(fit(say("G UH1 D M AO1 R N IH NG", 120.0, tune=tune, speed=0.85), 1.6, lead=0.15))
