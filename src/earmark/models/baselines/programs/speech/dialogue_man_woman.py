def turn(text, hz, size):
    return say(text, hz, tune=((0, 1.08), (0.7, 0.97), (1, 0.88)), size=size)


save(
    mixed(
        4.0,
        (0.1, turn("W EH R AA R Y UW1", 105.0, 1.0), 1),
        (1.05, turn("AY AE M AX T HH OW1 M", 225.0, 1.15), 0.9),
        (2.1, turn("K AH M AE N D S IY1", 105.0, 1.0), 1),
        (3.05, turn("N AA T T AX D EY1", 225.0, 1.15), 0.9),
    )
)
