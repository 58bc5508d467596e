"""`python -m earmark`: the command line where the `earmark` script is not on the PATH."""

from earmark.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
