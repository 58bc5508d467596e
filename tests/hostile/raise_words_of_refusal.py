"""Law: an error that only quotes the words of a refusal is the program's own."""
# oracle: kind
# kept: only the label of its end is at stake
# kinds: runtime_error
raise ValueError("[Errno 13] Permission denied")
