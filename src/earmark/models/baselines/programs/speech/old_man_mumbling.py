words = "W EH1 L DH AX N M AH M B AX L 90 IH T W AA1 Z N AX V ER M IY"
save(fit(say(words, 105.0, tune=((0, 1.03), (0.5, 1), (1, 0.9)), speed=0.62, rough=0.015, shake=(6, 0.06), rd=1.2), 2.5, lead=0.05))
