"""Kinds of sound: a Sound and names of classes -> at which rank a tagger puts the best of them.

In: names of AudioSet classes, any of which will do. Out: a Finding, met within the first `tags_within` places. The tagger is the stand-in's
YAMNet, so the number is a stand-in's and is called so. It raises Unequipped where no tagger is installed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from earmark.checks.sound import Finding, Sound, Unequipped
from earmark.errors import MetricUnavailable
from earmark.tasks.spec import tolerance

Spec = Mapping[str, Any]


def tags(sound: Sound, wanted: Sequence[str], spec: Spec) -> Finding:
    """The best rank of a wanted class among all, 1 the most probable."""
    if sound.ears.tag is None:
        raise Unequipped(
            "kinds of sound cannot be told: no tagger is set; see metric.clip.checks.tagger"
        )
    try:
        heard = sound.ears.tag(sound.line)
    except MetricUnavailable as error:
        raise Unequipped(str(error)) from error
    ranked = sorted(heard, key=lambda name: -heard[name])
    rank = 1 + min(ranked.index(name) for name in wanted)
    return Finding(float(rank), rank <= tolerance(spec, "tags_within"))
