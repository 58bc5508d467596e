"""Which embedder scores where none is named: CLAP where it can be had, else the stand-in."""

import sys
from collections.abc import Sequence
from typing import Any

from earmark.config.build import build
from earmark.config.compose import compose
from earmark.embedders.clap import clap_available
from earmark.embedders.yamnet_minilm import notice

STAND_IN = "yamnet_minilm"


def build_embedder(name: str | None, settings: Sequence[str] = ()) -> Any:  # noqa: ANN401  its class is in the YAML
    """The embedder of conf/embedder/NAME.yaml, with settings such as embedder.checkpoint=FOLDER.

    Without a name: clap, or the stand-in where clap's checkpoint cannot be had. Says so on stderr.
    """
    if name is None:
        reason = clap_available()
        name = "clap" if reason is None else STAND_IN
        if reason is not None:
            print(f"clap: {reason}; scoring by {name} instead", file=sys.stderr)
    stand_in_notice(name)
    return build(compose([f"embedder={name}", *settings]).embedder)


def stand_in_notice(name: str) -> None:
    """Say on stderr, once, what the stand-in is, where it is what scores."""
    if name == STAND_IN:
        notice(lambda text: print(text, file=sys.stderr))
