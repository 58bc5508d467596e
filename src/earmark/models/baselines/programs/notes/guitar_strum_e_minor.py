track = blank(4.0)
for k, midi in enumerate((40, 47, 52, 55, 59, 64)):
    string = pluck(midi, 4.0 - 0.04 * k, bright=0.4, keep=0.998)
    place(track, 0.04 * k, string / np.std(string))
save(track * np.exp(-0.6 * clock(4.0)))
