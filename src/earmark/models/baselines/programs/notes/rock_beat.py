track = blank(4.0)
rng = np.random.default_rng(3)
for k in range(16):
    t = clock(0.24)
    hiss = signal.sosfilt(signal.butter(4, 6500, "high", fs=RATE, output="sos"), rng.standard_normal(len(t)))
    place(track, 0.25 * k, 1.1 * hiss * np.exp(-t * 45))
    if k % 4 == 0:
        kick = np.sin(2 * np.pi * np.cumsum(50 + 120 * np.exp(-t * 35)) / RATE) * np.exp(-t * 14)
        place(track, 0.25 * k, kick)
    if k % 4 == 2:
        wires = signal.sosfilt(signal.butter(2, [900, 9000], "band", fs=RATE, output="sos"), rng.standard_normal(len(t)))
        place(track, 0.25 * k, 0.5 * wires * np.exp(-t * 18) + 0.4 * np.sin(2 * np.pi * 190 * t) * np.exp(-t * 30))
save(track)
