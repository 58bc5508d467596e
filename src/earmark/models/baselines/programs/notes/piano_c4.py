save(piano(60, 3.0))
