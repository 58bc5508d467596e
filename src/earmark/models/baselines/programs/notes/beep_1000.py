track = blank(1.0)
place(track, 0.0, tone(1000.0, 0.5, SINE, release=0.01))
save(track)
