"""`earmark rerun RUN_ID`: one run once more, from its record, and whether it comes out the same.

In: an MLflow run id, a run's key or a run's folder. Out: a new sweep with that one run, and what differs. Answers come from the record,
so that no provider is asked and no key is needed; `--fresh` asks again. Exit code 0 when all agrees, 1 when something differs.
"""

import argparse
import re
import tempfile
from dataclasses import replace
from pathlib import Path

from earmark.analysis.agreement import agreement
from earmark.config.build import build
from earmark.config.compose import compose, from_plain
from earmark.config.schema import RunConfig, plain
from earmark.errors import ConfigError
from earmark.identity import completion_key
from earmark.models.wrappers.completion_store import CompletionStore
from earmark.records import Json, Run
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder, find_runs
from earmark.sweep.launch import run_configs
from earmark.tracking.connection import default_uri
from earmark.tracking.fetch import fetch_run, run_of

HERE = (
    "cache",
    "cassette",
    "tracking",
    "concurrency",
)  # of this machine, whatever the record says


def main(argv: list[str]) -> int:
    """Run the command. ConfigError for an id that is none, or a record that this version cannot run."""
    asked = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="earmark-rerun-") as place:
        record = found(asked.run, Path(place)).run()
    name = asked.name or f"rerun-{record.key[:8]}{'-fresh' if asked.fresh else ''}"
    config = config_of(record, name=name, fresh=asked.fresh, budget_usd=asked.budget_usd)
    runs = run_configs([config], name=name, facts={"rerun_of": f"{record.sweep}/{record.key}"})
    if not runs:
        return 1
    said = agreement([record], runs)
    print("\n" + "\n".join([*said.differences, f"rerun of {record.sweep}/{record.key}: {said}"]))
    return 1 if said.differences else 0


def found(wanted: str, place: Path) -> RunFolder:
    """The run's folder on this disk, else its run's artifacts in `place`. ConfigError says what to give instead."""
    if (Path(wanted) / "run.json").is_file():
        return RunFolder(Path(wanted))
    if re.fullmatch("[0-9a-f]{32}", wanted):
        sweep, key = run_of(default_uri(), wanted)
        here = find_runs(f"{sweep}/*-{key}")
        return here[0] if here else fetch_run(default_uri(), wanted, place)
    there = find_runs(f"*/*{wanted}") if re.fullmatch("[0-9a-f]{16}", wanted) else []
    there = [run for run in there if "rerun_of" not in SweepFolder(run.path.parent).facts()]
    if len(there) == 1:
        return there[0]
    listed = "; it is in " + ", ".join(str(run.path) for run in there) if there else ""
    raise ConfigError(
        f"{wanted}: names no one finished run{listed}; give an MLflow run id, a run's 16 hex digits, or a run's folder"
    )


def config_of(record: Run, *, name: str, fresh: bool, budget_usd: float | None) -> RunConfig:
    """The recorded configuration, at home here. ConfigError where this version cannot read it."""
    here = plain(compose(()))
    there = {**plain(record.config), **{key: here[key] for key in HERE}}
    config = from_plain({**there, "name": name, "budget_usd": budget_usd, "dry_run": False})
    kept = SweepFolder.named(name).path / "answers"
    if fresh:
        return replace(config, replay=None, cassette=str(kept))
    if config.model.baseline:
        return replace(config, replay=None)
    _keep(record, build(config.model).identity, CompletionStore(kept))
    return replace(config, replay=str(kept))


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
