"""`earmark demo`: a real sweep on this machine alone, with the real parts that can be had here.

What cannot be had is named and left out; nothing is faked.
"""

import argparse

from earmark.config.build import build
from earmark.config.compose import compose
from earmark.embedders.clap import clap_available
from earmark.embedders.yamnet_minilm import notice
from earmark.errors import EarmarkError
from earmark.models import preflight
from earmark.sweep.launch import launch

PROBE_SECONDS = 5.0
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
    line = ["experiment=demo", f"embedder={embedder(standin=args.standin == 'yes')}"]
    smoke = smoke_ready()
    code = launch(line, show=not smoke)
    if smoke:
        code = max(code, launch([*line, f"model={SMOKE}", f"tier.limit={SMOKE_TASKS}"]))
    return code


def embedder(*, standin: bool) -> str:
    """The embedder that works here: clap, the stand-in after its licence notice, or none."""
    checkpoint = compose(["embedder=clap"]).embedder.settings["checkpoint"]
    reason = clap_available(checkpoint, timeout_seconds=PROBE_SECONDS)
    if reason is None:
        return "clap"
    print(f"clap cannot be loaded here: {reason}")
    if not standin:
        print("STANDIN=no: text-audio scores are left unscored")
        return "none"
    try:
        build(compose(["embedder=yamnet_minilm"]).embedder).load()
    except EarmarkError as error:
        print(f"the stand-in cannot be loaded either: {error}\ntext-audio scores are left unscored")
        return "none"
    notice(print)
    return "yamnet_minilm"


def smoke_ready() -> bool:
    """Whether the packaged model works here; says so where it does not."""
    try:
        preflight(build(compose([f"model={SMOKE}"]).model))
    except EarmarkError as error:
        print(f"going on without {SMOKE}: {error}")
        return False
    return True
