t = clock(3.0)
string = body(pluck(57, 3.0, bright=0.5, keep=0.997), (105, 8, 1.0), (205, 9, 1.0), (390, 8, 0.5))
save(hall((string / np.std(string) + 0.4 * noise(3.0, 800, 5000) * np.exp(-t * 200)) * np.exp(-0.8 * t), 0.5, 0.08))
