"""`earmark demo`: a real sweep on this machine alone, with the real parts that can be had here.

What cannot be had is named and left out; nothing is faked.
"""

import argparse

from earmark.config.build import build
from earmark.config.compose import compose
from earmark.config.embedder_choice import choose_embedder
from earmark.errors import EarmarkError
from earmark.models import preflight
from earmark.sweep.launch import launch

SMOKE = "smollm2"
SMOKE_TASKS = 2  # of a tier: an answer takes it some fifteen seconds on one core


def main(argv: list[str]) -> int:
    """Run or complete the demo sweep."""
    parser = argparse.ArgumentParser(prog="earmark demo", description=__doc__)
    parser.add_argument(
        "--standin",
        choices=("yes", "no"),
        default="yes",
        help="no: leave scores unscored rather than use a stand-in",
    )
    args = parser.parse_args(argv)
    embedder = choose_embedder(print, stand_in=args.standin == "yes")
    line = ["experiment=demo", f"embedder={embedder}"]
    smoke = smoke_ready()
    code = launch(line, show=not smoke)
    if smoke:
        code = max(code, launch([*line, f"model={SMOKE}", f"tier.limit={SMOKE_TASKS}"]))
    return code


def smoke_ready() -> bool:
    """Whether the packaged model works here; says so where it does not."""
    try:
        preflight(build(compose([f"model={SMOKE}"]).model))
    except EarmarkError as error:
        print(f"going on without {SMOKE}: {error}")
        return False
    return True
