"""`python -m earmark`: the command line, where the script of that name is not on the path.

In: the command line. Out: an exit code.
"""

from earmark.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
