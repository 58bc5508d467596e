save(fit(say("G UH1 D 20 M AO1 R N IH NG", 120.0), 1.6))
