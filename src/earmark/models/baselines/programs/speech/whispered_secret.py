save(fit(say("AY 40 N OW1 60 EY 30 S IY1 K R AX T", whisper=True, speed=0.771), 2.0))
