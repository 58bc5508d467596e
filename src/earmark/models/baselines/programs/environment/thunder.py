t = clock(6.0)
clap = highpass(colour(6.0, -4), 60) * np.exp(-(((t - 0.507) / 0.119) ** 2)) * 2.69
rolls = sum(
    level * np.exp(-np.maximum(0, t - at) * 1.1) * (t > at) * np.minimum(1, np.maximum(0, t - at) / 0.228)
    for at, level in ((0.52, 1), (0.97, 0.7), (2.0, 0.444), (2.71, 0.136))
)
rumble = lowpass(colour(6.0, -7), 176) * rolls * slow(6.0, 9, 0.546, 1)
save(clap + 4 * rumble / np.std(rumble) * 0.441)
