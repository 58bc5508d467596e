save(fit(say("AY 40 N OW1 40 AX 30 S IY1 K R AX T", whisper=True, speed=0.85), 2.0))
