words = "M AX M AA M N AH N M ER M N AX N L OW M"
save(fit(say(words, 105.0, tune=((0, 1.03), (0.5, 1), (1, 0.95)), speed=0.58, rough=0.01, shake=(6, 0.08)), 2.5, lead=0.03))
