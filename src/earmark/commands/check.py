"""`earmark check CLIP.wav --spec JSON|FILE [KEY=VALUE …]`: one clip held against the facts of a spec.

In: a WAV file and a spec, as JSON, as a JSON file, or as TIER/TASK. Out: {"clip", "scores", "unscored"}: the numbers measured, 1 or 0 for
each fact, the share met, and the reason for each number that there is not. It exits with 0 whatever the clip is like, with 1 when there is
none.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from earmark.audio import samples
from earmark.checks import check
from earmark.config.build import build
from earmark.config.compose import choices, compose
from earmark.config.factory import load_tier
from earmark.errors import ConfigError
from earmark.records import Json
from earmark.storage.foreign import json_of


def main(argv: list[str]) -> int:
    """Print what is found; 0."""
    asked = _parser().parse_intermixed_args(argv)
    found = check_file(
        Path(asked.clip),
        spec_of(asked.spec),
        overrides=[f"metric={asked.metric}", *asked.overrides],
    )
    if asked.json:
        print(json.dumps(found, indent=1))
        return 0
    for name, value in found["scores"].items():
        print(f"{name:32} {value:.4g}")
    for name, reason in found["unscored"].items():
        print(f"{name:32} unscored: {reason}")
    return 0


def check_file(path: Path, spec: Json, *, overrides: Sequence[str] = ()) -> Json:
    """The clip in a file held against a spec. Raises AudioError for a file that is no WAV and ConfigError for a spec that is none."""
    checks = compose(overrides).metric.clip["checks"]
    scores = check(*samples(path), spec, build(checks).detectors)
    return {"clip": str(path), "scores": dict(scores.values), "unscored": dict(scores.unscored)}


def spec_of(text: str) -> Json:
    """The spec in JSON text, in a JSON file, or of a task named TIER/TASK. Raises ConfigError."""
    tier, _, task = text.partition("/")
    if tier in choices("tier") and task:
        known = {one.id: one.spec for one in load_tier(tier)}
        if task not in known:
            raise ConfigError(
                f"--spec {text}: tier {tier!r} has no task {task!r}; it has {', '.join(known)}"
            )
        return known[task]
    value = _json(text)
    if not isinstance(value, dict):
        raise ConfigError(
            f"--spec: must be a JSON object of facts, is {type(value).__name__}; for example '{{\"f0_hz\": 440}}'"
        )
    return value


def _json(text: str) -> Any:  # whatever JSON holds
    try:
        whole = (
            text if text.lstrip().startswith(("{", "[")) else Path(text).read_text(encoding="utf-8")
        )
        return json_of(whole)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"--spec {text!r}: must be a JSON object, a file that holds one, or TIER/TASK ({error})"
        ) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark check", description="Hold a clip against the facts of a spec."
    )
    parser.add_argument("clip", metavar="CLIP.wav")
    parser.add_argument(
        "--spec",
        required=True,
        help="""JSON such as '{"f0_hz": 440}', a file that holds it, or TIER/TASK""",
    )
    parser.add_argument(
        "--metric", default="default", help="a name of conf/metric: who hears kinds and words"
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "overrides",
        nargs="*",
        help="settings of it, such as metric.clip.checks.recogniser.checkpoint=NAME",
    )
    return parser
