words = ("W AH1 N", "T UW1", "TH R IY1", "F AO1 R", "F AY1 V")
said = [say(word, 200.0, tune=((0, 1.06), (1, 0.9)), size=1.15) for word in words]
save(mixed(3.0, *((0.1 + 0.58 * k, sound, 1) for k, sound in enumerate(said))))
