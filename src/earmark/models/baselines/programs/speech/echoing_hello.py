call = say("HH AX L OW1*2.6", 194.0, tune=((0, 0.9), (0.35, 1.1), (1, 1.05)), size=1.05, rd=0.6)
dull = signal.sosfilt(signal.butter(1, 1500, "low", fs=RATE, output="sos"), call)
save(mixed(4.0, (0.1, call, 1), (1.4, dull, 0.422), (2.7, dull, 0.16)))
