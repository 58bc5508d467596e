t = clock(6.0)
clap = highpass(colour(6.0, -4), 60) * np.exp(-(((t - 0.35) / 0.12) ** 2)) * 2.5
rolls = sum(
    level * np.exp(-np.maximum(0, t - at) * 1.1) * (t > at) * np.minimum(1, np.maximum(0, t - at) / 0.15)
    for at, level in ((0.3, 1), (1.1, 0.7), (2.0, 0.5), (3.0, 0.25))
)
rumble = lowpass(colour(6.0, -7), 180) * rolls * slow(6.0, 9, 0.3, 1)
save(clap + 4 * rumble / np.std(rumble) * 0.35)
