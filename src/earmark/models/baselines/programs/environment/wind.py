t = clock(6.0)
gust = slow(6.0, 1.35, 0.114, 1)
source = colour(6.0, -3)
low = band(source, 126, 746) * (0.257 + gust)
howl = sum(
    np.where(np.abs(gust - centre) < 0.178, 1, 0.0) * ring(source, hz, 47.2) * 20.2 for centre, hz in ((0.255, 420), (0.495, 529), (1.01, 631))
)
smooth = lowpass(howl, 2380)
save(low + 0.28 * smooth * gust / (np.std(smooth) + 1e-9) * 0.413)
