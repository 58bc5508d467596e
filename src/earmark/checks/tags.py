"""Kinds of sound: the rank at which a tagger puts the best of some AudioSet classes.

The tagger is the stand-in's YAMNet, so the number is a stand-in's and is named so.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from earmark.checks.sound import Finding, NotJudged, Sound
from earmark.errors import MetricUnavailable
from earmark.tasks.spec import tolerance

Spec = Mapping[str, Any]


def tags(sound: Sound, classes: Sequence[str], spec: Spec) -> Finding:
    """The best rank of a wanted class among all, 1 the most probable; met within `tags_within`.

    Raises:
        NotJudged: no tagger is set or installed.
    """
    tagger = sound.detectors.tagger
    if tagger is None:
        raise NotJudged("tags need a tagger, none is set; set metric.clip.checks.tagger")
    try:
        probabilities = tagger.tag(sound.samples)
    except MetricUnavailable as error:
        raise NotJudged(str(error)) from error
    ranked = sorted(probabilities, key=lambda name: -probabilities[name])
    rank = 1 + min(ranked.index(name) for name in classes)
    return Finding(float(rank), rank <= tolerance(spec, "tags_within"))
