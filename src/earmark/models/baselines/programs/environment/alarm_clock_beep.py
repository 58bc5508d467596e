track = blank(4.0)
for second in range(4):
    for k in range(4):
        tone = signal.square(2 * np.pi * 2050 * clock(0.07)) * np.minimum(1, np.minimum(clock(0.07), clock(0.07)[::-1]) / 0.003)
        place(track, second + 0.12 * k + 0.02, lowpass(tone, 9000))
save(track)
