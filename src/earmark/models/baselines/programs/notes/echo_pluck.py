track = blank(3.0)
note = body(pluck(64, 0.3, bright=0.5, keep=0.993), (205, 9, 0.6)) * np.exp(-9 * clock(0.3))
for k in range(5):
    place(track, 0.4 * k, signal.sosfilt(signal.butter(1, 9000 * 0.6**k, "low", fs=RATE, output="sos"), note) * 0.55**k)
save(track)
