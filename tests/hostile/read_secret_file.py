"""Law: a program cannot read a file of the host."""
# oracle: secret
print(open("@SECRET_FILE@").read())
