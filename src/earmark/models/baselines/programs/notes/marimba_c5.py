f = hz(72)
bar = struck((f, 3.93 * f, 9.2 * f), (1, 0.3, 0.08), (5, 24, 60), 2.0, touch=0.12, bright=(400, 4000))
save(hall(bar, 0.4, 0.06))
