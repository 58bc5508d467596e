save(pluck(28, 3.0, bright=0.06, keep=0.998) * np.exp(-0.7 * clock(3.0)))
