"""`python -m earmark`: the command line where the `earmark` script is not on the PATH."""

from earmark.cli import entry

if __name__ == "__main__":
    raise SystemExit(entry())
