breath = say("HH AH1", 110.0, whisper=True)
hiss = say("SH SH SH SH", 110.0, whisper=True)
save(fit(np.concatenate([1.4 * breath / np.abs(breath).max(), 2 * hiss / np.abs(hiss).max()]), 1.2))
