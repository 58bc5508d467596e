track = blank(3.0)
for start, level in ((0.5, 1.0), (2.0, 0.9)):
    slam = knock((70, 130, 210, 340), 22, 0.5, noise=1.2, bright=2200) + 0.3 * band(white(0.5), 1500, 5000) * fall(0.5, 60, 0.0005)
    place(track, start, slam, level)
save(track)
