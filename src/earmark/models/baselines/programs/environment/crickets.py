t = clock(5.0)
pulses = (np.sin(2 * np.pi * 32 * t) > 0) * np.abs(np.sin(2 * np.pi * 32 * t))
song = ((t % 0.5) < 0.28) * pulses
far = ((t + 0.2) % 0.5 < 0.26) * np.abs(np.sin(2 * np.pi * 28 * t))
save(sine(4400.0, 5.0) * lowpass(song, 300) + 0.25 * sine(3900.0, 5.0) * lowpass(far, 300) + 0.004 * colour(5.0, -3))
