"""The names of a run's scores in MLflow: a dozen headline numbers, and groups for the rest.

MLflow's charts pages make a section of all that stands before a slash. One of them puts the names
without a slash last and the other leaves them out, so the scores have a section of their own as
well. The records on disk keep the names of the metrics themselves.
"""

import re
from collections.abc import Mapping
from math import isfinite

from earmark.metrics.diversity import NAMES as DIVERSITY
from earmark.metrics.signal_facts import NAMES as SIGNAL

PLAIN = (
    *("valid_rate", "fad", "fad_null", "check_ok", "retrieval_hit"),
    *("cost_usd", "seconds", "attempts"),
)
CHARTED = "at a glance"  # sections are sorted by name
# The first pattern that fits a whole name gives its group; None leaves the number out.
GROUPS: tuple[tuple[str, str | None], ...] = (
    (r"check_(.+)_ok", r"check/\1"),
    # The mean of what was measured for different facts of different tasks is no quantity.
    (r"check_.+(?<!_se)", None),
    (r"(.+)_se", r"error/\1"),
    (r"(.+_calibrated(?:_low|_high)?)", r"calibrated/\1"),
    (r"(.+)_template_(\d+)", r"template/\1_\2"),
    (r"(floor|expert|reference_distance)", r"baseline/\1"),
    (r"(prompt_tokens|completion_tokens)", r"spending/\1"),
    (r"(fad|kad|retrieval|funnel)_(.+)", r"\1/\2"),
    (r"(valid_rate/.+)", r"\1"),  # of a sweep with several tiers
    (r"(kad)", r"\1/distance"),
    (rf"({'|'.join(SIGNAL)})", r"signal/\1"),
    (rf"({'|'.join(DIVERSITY)})", r"diversity/\1"),
    (r"(.+)", r"other/\1"),
)


def mlflow_metrics(scores: Mapping[str, float], headline: str) -> dict[str, float]:
    """The finite scores under their names in MLflow, headline numbers first."""
    named = {name: value for name, value in scores.items() if isfinite(value)}
    plain = [name for name in headline_names(headline) if name in named]
    metrics = {name: float(named.pop(name)) for name in plain}
    for name in (f"{headline}_floored", headline, "check_ok", "valid_rate", "fad"):
        if name in metrics:
            metrics[f"{CHARTED}/{name}"] = metrics[name]
    for name, value in named.items():
        if (grouped := group_name(name)) is not None:
            metrics[grouped] = float(value)
    return metrics


def headline_names(headline: str) -> tuple[str, ...]:
    """The numbers that stand without a slash, the text-audio score first."""
    scores = (headline, f"{headline}_floored", f"{headline}_se", f"{headline}_floored_se")
    return (*scores, *PLAIN)


def group_name(name: str) -> str | None:
    """`signal/centroid_hz` for `centroid_hz`; None for a number that is no one quantity."""
    for pattern, grouped in GROUPS:
        if match := re.fullmatch(pattern, name):
            return match.expand(grouped) if grouped else None
    raise AssertionError(name)  # the last pattern fits everything
