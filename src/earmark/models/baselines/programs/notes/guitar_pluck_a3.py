save(pluck(57, 3.0, bright=0.5, keep=0.997) * np.exp(-0.8 * clock(3.0)))
