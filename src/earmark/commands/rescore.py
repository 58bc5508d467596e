"""`earmark rescore SWEEP --embedder NAME`: score a sweep's saved clips by something else.

The new runs stand next to the old ones, the leaderboard and the store are brought up to date, and
the numbers that changed are printed with the order of the runs before and after. No model is asked
and no program of the sweep is executed; a second call finds everything there.
"""

import argparse
import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from math import isclose

from earmark.analysis.labels import label
from earmark.config.build import close
from earmark.config.embedder_choice import stand_in_notice
from earmark.errors import TrackingUnavailable, printable
from earmark.records import Json, Run
from earmark.report import load_results, print_table, write_leaderboard
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.rescore import Rescored, rescore
from earmark.sweep.store import sync

MISSING = "–"


def main(argv: list[str]) -> int:
    """Run the command. Returns 0."""
    args = _parser().parse_intermixed_args(argv)
    folder = SweepFolder.find(args.sweep)
    stand_in_notice(args.embedder)
    try:
        rescored = rescore(folder, [f"embedder={args.embedder}", *args.settings])
    finally:
        close()
    result = {
        "sweep": folder.name,
        "embedder": args.embedder,
        "runs": [run_changes(one) for one in rescored],
        "order": orders(rescored),
        "leaderboard": str(write_leaderboard(folder)),
        "mlflow": _sync(folder, rescored),
    }
    if args.json:
        print(json.dumps(result, indent=1, ensure_ascii=False))
        return 0
    print("\n".join(map(printable, lines(result))) + "\n")
    print_table(load_results(folder))
    print(f"\nlisten   {result['leaderboard']}\nMLflow   {result['mlflow']}")
    return 0


def run_changes(one: Rescored) -> Json:
    """The numbers of a run that changed, came and went, and the reasons for what is missing now."""
    before, after = one.before.scores, one.after.scores
    changed: Json = {}
    for name in sorted(before.keys() & after.keys()):
        if not isclose(before[name], after[name], rel_tol=1e-9, abs_tol=1e-9):
            changed[name] = {"from": before[name], "to": after[name]}
    return {
        "run": label(one.before),
        "tier": one.before.config.tier.name,
        "made": one.made,
        "from": _headline(one.before),
        "to": _headline(one.after),
        "changed": changed,
        "gained": {name: after[name] for name in sorted(after.keys() - before.keys())},
        "lost": {name: before[name] for name in sorted(before.keys() - after.keys())},
        "unscored": dict(one.after.unscored),
    }


def _headline(run: Run) -> Json:
    name = run.config.embedder.name
    return {
        "key": run.key,
        "embedder": name,
        "embedder_id": run.facts.embedder_id,
        "score": run.scores.get(name),
        "score_floored": run.scores.get(f"{name}_floored"),
    }


def orders(rescored: Sequence[Rescored]) -> list[Json]:
    """For each tier its runs from best to worst, before and after.

    They are ordered by the score with invalid episodes at the floor, where there is one.
    """
    tiers: dict[str, list[Rescored]] = defaultdict(list)
    for one in rescored:
        tiers[one.before.config.tier.name].append(one)
    result = []
    for tier, group in tiers.items():
        before = _order([one.before for one in group])
        after = _order([one.after for one in group])
        result.append({"tier": tier, "from": before, "to": after})
    return result


def _order(runs: Sequence[Run]) -> list[str]:
    scored = []
    for run in runs:
        score = run.scores.get(f"{run.config.embedder.name}_floored")
        if score is not None:
            scored.append((-score, label(run)))
    return [name for _, name in sorted(scored)]


def lines(result: Json) -> list[str]:
    """The changes for a person."""
    return [*map(_run_line, result["runs"]), *map(_order_line, result["order"])]


def _run_line(one: Json) -> str:
    was, now = (f"{one[end]['embedder']} {_number(one[end]['score'])}" for end in ("from", "to"))
    changed, gained, lost = len(one["changed"]), len(one["gained"]), len(one["lost"])
    state = "" if one["made"] else " (was there already)"
    numbers = f"{changed} numbers changed, {gained} came, {lost} went"
    return f"{one['run']}: {was} -> {now}; {numbers}{state}"


def _order_line(one: Json) -> str:
    before, after = " > ".join(one["from"]), " > ".join(one["to"])
    if not before:
        return f"order of {one['tier']}: {after or 'unknown'} (none before)"
    if before == after:
        return f"order of {one['tier']}: as before"
    return f"order of {one['tier']}: was {before}; is {after or 'unknown'}"


def _number(score: float | None) -> str:
    return MISSING if score is None else f"{score:.3f}"


def _sync(folder: SweepFolder, rescored: Sequence[Rescored]) -> str | None:
    """The link to the sweep; None where it has no store, or while the store is gone."""
    if all("null" in one.before.config.tracking.target for one in rescored):
        return None
    try:
        return sync(folder)
    except TrackingUnavailable as error:
        logging.getLogger("earmark").warning("tracking: %s", error)
        return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark rescore",
        description="Score a sweep's saved clips by another embedder.",
    )
    parser.add_argument("sweep", metavar="SWEEP", help="a folder name under multirun/")
    parser.add_argument("--embedder", required=True, metavar="NAME", help="a name of conf/embedder")
    parser.add_argument(
        "settings",
        nargs="*",
        metavar="KEY=VALUE",
        help="also embedder.checkpoint=FOLDER, fad_embedder=NAME, metric=NAME",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
