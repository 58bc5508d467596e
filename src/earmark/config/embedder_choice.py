"""Which embedder scores where none is named: CLAP where it works, else the stand-in, else none."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from earmark.config.build import build
from earmark.config.compose import compose
from earmark.embedders.checkpoints import unreachable
from earmark.embedders.yamnet_minilm import notice
from earmark.errors import EarmarkError

STAND_IN = "yamnet_minilm"
UNSCORED = "text-audio scores are left unscored"


def choose_embedder(
    report: Callable[[str], None], *, stand_in: bool = True, settings: Sequence[str] = ()
) -> str:
    """The embedder that works here: clap, else the stand-in after its licence notice, else none.

    Args:
        report: is given each reason, and the notice.
        stand_in: whether a stand-in may score.
        settings: of the command line; embedder.checkpoint=FOLDER is looked for.
    """
    checkpoint = [word for word in settings if word.startswith("embedder.checkpoint=")]
    reason = unreachable(compose(["embedder=clap", *checkpoint]).embedder.settings["checkpoint"])
    if reason is None:
        return "clap"
    report(f"clap cannot be loaded here: {reason}")
    if not stand_in:
        report(f"no stand-in is wanted: {UNSCORED}")
        return "none"
    try:
        build(compose([f"embedder={STAND_IN}"]).embedder).load()
    except EarmarkError as error:
        report(f"the stand-in cannot be loaded either: {error}; {UNSCORED}")
        return "none"
    report(f"{STAND_IN}, a stand-in, scores instead")
    notice(report)
    return STAND_IN


def build_embedder(name: str | None, settings: Sequence[str] = ()) -> Any:  # noqa: ANN401  its class is in the YAML
    """The embedder of conf/embedder/NAME.yaml, with settings such as embedder.checkpoint=FOLDER.

    Without a name it is the one that works here; the reason goes to stderr.
    """
    if name is None:
        name = choose_embedder(_to_stderr, settings=settings)
    stand_in_notice(name)
    return build(compose([f"embedder={name}", *settings]).embedder)


def stand_in_notice(name: str) -> None:
    """Say on stderr, once, what the stand-in is, where it is what scores."""
    if name == STAND_IN:
        notice(_to_stderr)


def _to_stderr(text: str) -> None:
    print(text, file=sys.stderr)
