"""What runs inside the isolation, next to the programs: the standard library and nothing else.

The folder is copied into the sandbox at start. The rest of earmark is not visible there, so nothing
here may import it, and nothing here decides what an outcome means.
"""
