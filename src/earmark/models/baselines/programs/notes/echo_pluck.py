track = blank(3.0)
note = pluck(64, 0.3, bright=0.5, keep=0.99) * np.exp(-14 * clock(0.3))
for k in range(5):
    place(track, 0.4 * k, note * 0.55**k)
save(track)
