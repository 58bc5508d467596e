"""`earmark check CLIP.wav --spec JSON|FILE|TIER/TASK`: one clip compared with the facts of a spec.

It prints the numbers measured, 1 or 0 for each fact, the share met, and the reason for each number
that cannot be given. The exit code is 0 whatever the clip is like, and 1 when there is none.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from earmark.audio import samples
from earmark.checks import check
from earmark.config.build import build
from earmark.config.compose import choices, compose
from earmark.config.factory import load_tier
from earmark.errors import ConfigError
from earmark.records import Json
from earmark.storage.foreign import json_of


def main(argv: list[str]) -> int:
    """Print the result; 0."""
    args = _parser().parse_intermixed_args(argv)
    settings = [f"metric={args.metric}", *args.overrides]
    result = check_file(Path(args.clip), spec_of(args.spec), overrides=settings)
    if args.json:
        print(json.dumps(result, indent=1))
        return 0
    for name, value in result["scores"].items():
        print(f"{name:32} {value:.4g}")
    for name, reason in result["unscored"].items():
        print(f"{name:32} unscored: {reason}")
    return 0


def check_file(path: Path, spec: Json, *, overrides: Sequence[str] = ()) -> Json:
    """{"clip", "scores", "unscored"} of the clip in a file.

    Raises:
        AudioError: a file that is no WAV.
        ConfigError: a spec that breaks a rule.
    """
    checks = compose(overrides).metric.clip["checks"]
    scores = check(*samples(path), spec, build(checks).detectors)
    return {"clip": str(path), "scores": dict(scores.values), "unscored": dict(scores.unscored)}


def spec_of(text: str) -> Json:
    """The spec in JSON text, in a JSON file, or of a task named TIER/TASK. Raises ConfigError."""
    tier, _, task = text.partition("/")
    if tier in choices("tier") and task:
        specs = {one.id: one.spec for one in load_tier(tier)}
        if task not in specs:
            known = ", ".join(specs)
            raise ConfigError(f"--spec {text}: tier {tier!r} has no task {task!r}; it has {known}")
        return specs[task]
    value = _json(text)
    if not isinstance(value, dict):
        rule = f"must be a JSON object of facts, got {type(value).__name__}"
        raise ConfigError(f"--spec: {rule}; for example '{{\"f0_hz\": 440}}'")
    return value


def _json(text: str) -> object:
    try:
        if not text.lstrip().startswith(("{", "[")):
            text = Path(text).read_text(encoding="utf-8")
        return json_of(text)
    except (OSError, ValueError) as error:
        rule = "must be a JSON object, a file that holds one, or TIER/TASK"
        raise ConfigError(f"--spec {text!r}: {rule} ({error})") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark check", description="Compare a clip with the facts of a spec."
    )
    parser.add_argument("clip", metavar="CLIP.wav")
    parser.add_argument(
        "--spec",
        required=True,
        help="""JSON such as '{"f0_hz": 440}', a file that holds it, or TIER/TASK""",
    )
    parser.add_argument(
        "--metric", default="default", help="a name of conf/metric: what recognises kinds and words"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "overrides",
        nargs="*",
        help="settings of it, such as metric.clip.checks.recogniser.checkpoint=NAME",
    )
    return parser
