def bark(base):
    t = clock(0.24)
    hz = base * (0.75 + 0.6 * np.exp(-(((t - 0.06) / 0.06) ** 2)))
    voice = buzz(hz, 0.24, dull=0.7) + 0.8 * white(0.24)
    mouth = ring(voice, 650, 120) + 0.8 * ring(voice, 1250, 160) + 0.35 * ring(voice, 2600, 260)
    return mouth * np.minimum(1, t / 0.012) * np.exp(-np.maximum(0, t - 0.09) * 22)


track = blank(3.0)
for start, base in ((0.15, 430), (0.75, 460), (1.75, 420), (2.3, 450)):
    place(track, start, bark(base))
save(room(track, 0.3, 0.25))
