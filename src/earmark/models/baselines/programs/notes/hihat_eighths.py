track = blank(4.0)
t = clock(0.12)
for k in range(16):
    metal = sum(signal.square(2 * np.pi * f * t + k) for f in (2490, 3110, 3830, 4470, 5410, 6230))
    hiss = signal.sosfilt(signal.butter(4, 6000, "high", fs=RATE, output="sos"), metal / 3 + 1.5 * noise(0.12, 4000, 18000, k))
    place(track, 0.25 * k, hiss * np.exp(-t * 60) * (1 if k % 2 == 0 else 0.75))
save(hall(track, 0.2, 0.06))
