hum = signal.sosfilt(signal.butter(2, 500, "low", fs=RATE, output="sos"), say(hold("IH", 1.1), 120.0, tune=((0, 1), (1, 1))))
hiss = say(hold("S", 1.1))
save(mixed(1.2, (0.03, hum, 1), (0.03, hiss, 0.5)))
