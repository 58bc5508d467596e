"""`earmark score PATH…`: clips without a sweep, against texts, a spec or a folder of recordings.

--text "…"            the cosine of every clip with every text, as it is, without templates
--spec SPEC           the numbers that a task's spec asks for, 1 or 0 for each fact, the share met
--reference FOLDER    the Fréchet audio distance from the folder PATH to it; also extrapolated to
                      infinitely many clips (--inf), or of every clip alone (--each)

What cannot be given has its reason instead of a number.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from earmark.config.build import build
from earmark.config.choices import choices
from earmark.config.compose import compose
from earmark.config.embedder_choice import build_embedder
from earmark.config.factory import load_tier
from earmark.errors import ConfigError
from earmark.metrics.files import check_file, clip_fads, folder_fad, score_pairs
from earmark.records import Json
from earmark.storage.foreign import json_of

NO_CLIP = ("no_file", "not_a_wav", "unreadable")


def main(argv: list[str]) -> int:
    """Print the scores; 1 when a file is no WAV, else 0: a reason is an answer as well."""
    args = _parser().parse_intermixed_args(argv)
    settings = [word for word in args.paths if word.startswith(("embedder.", "metric."))]
    settings = [word for word in settings if "=" in word]
    files = [word for word in args.paths if word not in settings]
    if not files:
        raise ConfigError("PATH must be a WAV file, or a folder with --reference, got none")
    _check_options(args)
    if args.text:
        return _texts(files, args, settings)
    if args.spec:
        return _specs(files, args, settings)
    return _distance(files, args, settings)


def _check_options(args: argparse.Namespace) -> None:
    """Refuse an option that would be ignored."""
    for option, value, needs in (
        ("--metric", args.metric, "--spec"),
        ("--resample", args.resample, "--reference"),
        ("--inf", args.inf or None, "--reference"),
        ("--each", args.each or None, "--reference"),
    ):
        if value is not None and getattr(args, needs.removeprefix("--")) is None:
            raise ConfigError(f"{option}: belongs to {needs}; leave it out")
    if args.embedder is not None and args.spec is not None:
        raise ConfigError(f"--embedder {args.embedder}: --spec needs none; leave it out")
    if args.resample is not None and args.resample < 0:
        raise ConfigError(f"--resample {args.resample}: must be 0 or more; 1000 is usual")


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


def _texts(files: Sequence[str], args: argparse.Namespace, settings: Sequence[str]) -> int:
    embedder = build_embedder(args.embedder, settings)
    pairs = score_pairs(files, args.text, embedder=embedder)
    kinds = [pair.pop("kind") for pair in pairs]
    _print(pairs, [_pair_line(pair) for pair in pairs], as_json=args.json)
    return int(any(kind in NO_CLIP for kind in kinds))


def _specs(files: Sequence[str], args: argparse.Namespace, settings: Sequence[str]) -> int:
    spec = spec_of(args.spec)
    metric = compose([f"metric={args.metric or 'default'}", *settings]).metric
    detectors = build(metric.clip["checks"]).detectors
    results = [check_file(Path(path), spec, detectors) for path in files]
    lines: list[str] = []
    for result in results:
        lines += [result["clip"]] if len(results) > 1 else []
        lines += [f"{name:32} {value:.4g}" for name, value in result["scores"].items()]
        lines += [f"{name:32} unscored: {why}" for name, why in result["unscored"].items()]
    _print(results, lines, as_json=args.json)
    return 0


def _distance(files: Sequence[str], args: argparse.Namespace, settings: Sequence[str]) -> int:
    if len(files) != 1:
        raise ConfigError(f"--reference compares one folder, got {len(files)}: {', '.join(files)}")
    embedder = build_embedder(args.embedder, settings)
    folders = (Path(files[0]), Path(args.reference))
    if args.each:
        results = clip_fads(*folders, embedder=embedder)
        _print(results, [_clip_line(one) for one in results], as_json=args.json)
        return 0
    resamples = args.resample or 0
    result = folder_fad(*folders, embedder=embedder, resamples=resamples, infinite=args.inf)
    value = f"unscored: {result['unscored']}"
    if result["fad"] is not None:
        value = f"{result['fad']:.4f}"
    if "low" in result:
        value += f" ({result['low']:.4f}..{result['high']:.4f})"
    counts = f"n={result['n']}  n_reference={result['n_reference']}"
    lines = [f"fad {value}  {counts}  {result['embedder']}"]
    for name, how in (("fad_inf", "without replacement"), ("fad_inf_toolkits", "with replacement")):
        if name in result:
            lines.append(f"{name} {_line_text(result[name])}  (drawn {how})")
    _print(result, lines, as_json=args.json)
    return 0


def _line_text(one: Json | str) -> str:
    if isinstance(one, str):
        return f"unscored: {one}"
    return f"{one['value']:.4f}  slope {one['slope']:.4g}  R² {one['r2']:.3f}"


def _clip_line(one: Json) -> str:
    value = f"unscored: {one['unscored']}" if one["fad"] is None else f"{one['fad']:.4f}"
    return f"{one['clip']}  fad {value}  {one['frames']} frames  {one['embedder']}"


def _print(result: object, lines: Sequence[str], *, as_json: bool) -> None:
    print(json.dumps(result, indent=1, ensure_ascii=False) if as_json else "\n".join(lines))


def _pair_line(pair: Json) -> str:
    value = pair["score"]
    result = f"{value:+.4f}" if value is not None else f"unscored: {pair['unscored']}"
    return f"{pair['clip']}  {pair['text']!r}  {pair['embedder']}  {result}"


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
        prog="earmark score",
        description="Score clips against texts, a spec or a folder of recordings.",
    )
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="WAV files, or one folder with --reference; also settings such as "
        "embedder.checkpoint=FOLDER",
    )
    against = parser.add_mutually_exclusive_group(required=True)
    against.add_argument("--text", action="append", help="a caption; may be given several times")
    against.add_argument(
        "--spec", help="""JSON such as '{"f0_hz": 440}', a file that holds it, or TIER/TASK"""
    )
    against.add_argument("--reference", metavar="FOLDER", help="recordings to be compared with")
    parser.add_argument(
        "--embedder",
        help="a name of conf/embedder (default: clap where it can be had, else yamnet_minilm)",
    )
    parser.add_argument(
        "--metric",
        help="with --spec a name of conf/metric: what recognises kinds and words",
    )
    for flag, what in (("--inf", "extrapolated to infinite n"), ("--each", "of every clip alone")):
        parser.add_argument(flag, action="store_true", help=f"with --reference FAD {what}")
    parser.add_argument(
        "--resample",
        type=int,
        metavar="N",
        help="with --reference resamples by clip for an interval, such as 1000",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
