track = blank(3.0)
for k, start in enumerate((0, 0.6, 1.08, 1.46, 1.77, 2.02, 2.22, 2.38)):
    stick = struck((640, 1370, 2380, 3700), (0.8, 1, 0.6, 0.4), (70, 90, 130, 180), 0.12, touch=0.8, bright=(800, 7000), seed=k)
    place(track, start, 0.86**k * stick)
save(hall(track, 0.3, 0.12))
