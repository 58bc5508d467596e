t = clock(3.0)
string = pluck(28, 3.0, bright=0.12, keep=0.9985)
string = body(signal.sosfilt(signal.butter(1, 1500, "low", fs=RATE, output="sos"), string), (90, 3, 1.2))
save((string / np.std(string) + 0.4 * noise(3.0, 200, 2500) * np.exp(-t * 120)) * np.exp(-0.7 * t))
