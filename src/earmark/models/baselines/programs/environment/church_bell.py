hum = 220.0
ratios = (0.5, 1, 1.19, 1.5, 2, 2.51, 2.66, 3.01, 4.17, 5.4)
levels = (0.6, 0.7, 0.8, 0.4, 1.0, 0.4, 0.3, 0.3, 0.25, 0.12)
rates = (0.5, 0.7, 0.9, 1.1, 1.0, 1.8, 2.2, 2.5, 4, 6)
bell = modes([2 * hum * r for r in ratios], levels, rates, 6.0) + modes(
    [2 * hum * r * 1.004 for r in ratios], [0.3 * a for a in levels], rates, 6.0
)
save(bell * np.minimum(1, clock(6.0) / 0.001) + 0.4 * band(white(6.0), 1500, 7000) * fall(6.0, 60, 0.0005))
