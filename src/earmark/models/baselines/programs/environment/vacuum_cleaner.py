roar = band(white(4.0), 150, 5000, 1)
whine = buzz(310.0 + 2 * slow(4.0, 5, -1, 1), 4.0, dull=0.9, partials=20)
save(roar / np.std(roar) + 0.5 * whine / np.std(whine))
