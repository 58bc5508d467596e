line = say("HH UW1 AA R Y UW K AO1 L IH NG N AW1", 125.0, rd=0.6)
thin = signal.sosfilt(signal.butter(3, [350, 3400], "band", fs=RATE, output="sos"), line)
save(fit(np.tanh(2 * thin / np.abs(thin).max()), 2.2))
