"""`earmark rerun RUN_ID`: repeat one run from its record, and say whether it comes out the same.

The answers come from the record, so that no provider is asked and no key is needed; `--fresh` asks
again. What runs, where and how confined is decided on this machine: see config.from_record. The
exit code is 0 when everything agrees, 1 when something differs.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from earmark.analysis.agreement import agreement
from earmark.config.build import build
from earmark.config.from_record import compose_from_record
from earmark.config.schema import RunConfig
from earmark.config.validate import check_ranges
from earmark.errors import ConfigError, printable
from earmark.identity import completion_key
from earmark.models.wrappers.completion_store import CompletionStore
from earmark.records import Json, Run
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder, find_runs
from earmark.storage.urls import tracking_uri
from earmark.sweep.launch import run_configs
from earmark.tracking.fetch import fetch_run, run_of

KEY = re.compile("[0-9a-f]{16}")
MLFLOW_ID = re.compile("[0-9a-f]{32}")


def main(argv: list[str]) -> int:
    """Run the command. ConfigError for an unknown id, or a record that this version cannot run."""
    args = _parser().parse_intermixed_args(argv)
    with tempfile.TemporaryDirectory(prefix="earmark-rerun-") as folder:
        record = find_run(args.run, Path(folder)).run()
    if not KEY.fullmatch(record.key):
        rule = f"the record's key must be 16 hex digits, got {record.key!r}"
        raise ConfigError(f"{args.run}: {rule}; give a run's folder as earmark wrote it")
    name = args.name or f"rerun-{record.key[:8]}{'-fresh' if args.fresh else ''}"
    config = rerun_config(
        record, args.settings, name=name, fresh=args.fresh, budget_usd=args.budget_usd
    )
    before, now = record.config.sandbox.name, config.sandbox.name
    if before != now:
        print(f"{'sandbox':24} {now!r} of this machine, the record had {before!r}", file=sys.stderr)
    source = f"{record.sweep}/{record.key}"
    runs = run_configs([config], name=name, facts={"rerun_of": source})
    if not runs:
        return 1
    # Another sandbox makes another key.
    result = agreement([replace(record, key=runs[0].key)], runs)
    print()
    for line in (*result.differences, f"rerun of {source}: {result}"):
        print(printable(line))
    return 1 if result.differences else 0


def find_run(wanted: str, download: Path) -> RunFolder:
    """The folder of a run: on this disk, else its artifacts in the store, fetched to `download`.

    Raises:
        ConfigError: it names no one finished run.
    """
    if (Path(wanted) / "run.json").is_file():
        return RunFolder(Path(wanted))
    if MLFLOW_ID.fullmatch(wanted):
        sweep, key = run_of(tracking_uri(), wanted)
        here = find_runs(f"{sweep}/*-{key}")
        return here[0] if here else fetch_run(tracking_uri(), wanted, download)
    found = find_runs(f"*/*{wanted}") if KEY.fullmatch(wanted) else []
    found = [run for run in found if "rerun_of" not in SweepFolder(run.path.parent).facts()]
    if len(found) == 1:
        return found[0]
    listed = "; it is in " + ", ".join(str(run.path) for run in found) if found else ""
    hint = "give an MLflow run id, a run's 16 hex digits, or a run's folder"
    raise ConfigError(f"{wanted}: names no one finished run{listed}; {hint}")


def rerun_config(
    record: Run, typed: Sequence[str] = (), *, name: str, fresh: bool, budget_usd: float | None
) -> RunConfig:
    """The configuration that repeats a record here; its answers are kept in the new sweep's folder.

    Raises:
        ConfigError: the record decides what it may not, or this version cannot run it.
    """
    config = compose_from_record(record.config, typed, replayed=not fresh)
    config = replace(config, name=name, budget_usd=budget_usd)
    check_ranges(config)
    answers = SweepFolder.named(name).path / "answers"
    if fresh:
        return replace(config, cassette=str(answers))
    if config.model.baseline:
        return config
    _keep(record, build(config.model).identity, CompletionStore(answers))
    return replace(config, replay=str(answers))


def _keep(record: Run, identity: Json, store: CompletionStore) -> None:
    """Write the record's answers as a cassette."""
    store.folder.mkdir(parents=True, exist_ok=True)
    for one in record.attempts:
        if one.completion is not None:
            store.keep(completion_key(identity, one.request), identity, one.request, one.completion)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark rerun", description="Repeat one run from its record and compare."
    )
    parser.add_argument(
        "run", metavar="RUN_ID", help="an MLflow run id, a run's 16 hex digits, or a run's folder"
    )
    parser.add_argument(
        "settings",
        nargs="*",
        metavar="KEY=VALUE",
        help="what is this machine's to decide: sandbox=container, model.api_base=…",
    )
    parser.add_argument(
        "--name", help="the new sweep's name; default: rerun- and the run's first digits"
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="ask the model again, instead of taking the recorded answers",
    )
    parser.add_argument(
        "--budget-usd", type=float, help="with --fresh: a limit that is never crossed"
    )
    return parser
