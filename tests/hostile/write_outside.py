"""Law: a program makes no file outside its scratch folder."""
# oracle: canary
open("@DROP@/made", "w").write("escaped")
