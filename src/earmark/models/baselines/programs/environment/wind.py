t = clock(6.0)
gust = slow(6.0, 0.9, 0.1, 1)
source = colour(6.0, -3)
low = band(source, 150, 600) * (0.3 + gust)
howl = sum(
    np.where(np.abs(gust - centre) < 0.17, 1, 0.0) * ring(source, hz, 40) * 25 for centre, hz in ((0.25, 420), (0.5, 560), (0.8, 720))
)
smooth = lowpass(howl, 2000)
save(low + 0.5 * smooth * gust / (np.std(smooth) + 1e-9) * 0.6)
