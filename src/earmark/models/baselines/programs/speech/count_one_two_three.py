save(fit(say("W AH1 N 120 T UW1 120 TH R IY1", 125.0), 2.0))
