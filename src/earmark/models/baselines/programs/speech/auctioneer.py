bids = "T EH N D AX L ER B IH D AX N AW T W EH N T IY N AW W IH L Y AX G IH M IY TH ER T IY N AW F AO R T IY N AW G OW IH NG G AO N"
save(fit(say(bids, 140.0, tune=((0, 1), (0.5, 1.04), (1, 0.97)), speed=1.25), 3.0, lead=0.03))
