"""Law: leaving with success but without a file is no_file."""
# oracle: kind
# kinds: no_file
print("done, sounds great")
