"""Law: a program that waits for input gets an end of file at once."""
# oracle: late
# kinds: runtime_error no_file
# kept: the weaker runners here are given an empty input too; a harness with an open terminal would wait for ever
print(input("how loud? "))
