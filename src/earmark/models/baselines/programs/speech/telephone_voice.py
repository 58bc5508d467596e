line = say("HH UW1 AA R Y UW K AO1 L IH NG N AW1", 125.0, speed=1.14)
thin = signal.sosfilt(signal.butter(4, [400, 3750], "band", fs=RATE, output="sos"), line)
save(fit(np.tanh(4 * thin / np.abs(thin).max()), 2.2))
