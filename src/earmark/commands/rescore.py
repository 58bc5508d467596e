"""`earmark rescore SWEEP --embedder NAME`: hear a sweep's stored sounds by something else, and say what changed.

In: a sweep's name and what hears. Out: new runs beside the old ones, the leaderboard and the store brought up to date, and for each run
the numbers that changed, came or went, with the order of the runs before and after. Nothing is asked and no answer runs again; a second
call finds everything there.
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
from earmark.report import print_table, write_leaderboard
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.rescore import Rescored, rescore
from earmark.sweep.store import sync

MISSING = "–"


def main(argv: list[str]) -> int:
    """Run the command. Returns 0."""
    asked = _parser().parse_intermixed_args(argv)
    folder = SweepFolder.find(asked.sweep)
    stand_in_notice(asked.embedder)
    try:
        done = rescore(folder, [f"embedder={asked.embedder}", *asked.settings])
    finally:
        close()
    told = {
        "sweep": folder.name,
        "embedder": asked.embedder,
        "runs": [run_changes(one) for one in done],
        "order": orders(done),
    }
    told |= {"leaderboard": str(write_leaderboard(folder)), "mlflow": _tracked(folder, done)}
    if asked.json:
        print(json.dumps(told, indent=1, ensure_ascii=False))
        return 0
    print("\n".join(map(printable, lines(told))) + "\n")
    print_table(folder)
    print(f"\nlisten   {told['leaderboard']}\nMLflow   {told['mlflow']}")
    return 0


def run_changes(one: Rescored) -> Json:
    """What is different between a run and itself heard again: numbers that changed, came and went; reasons for what is not there now."""
    before, after = one.before.scores, one.after.scores
    shared = [
        name
        for name in sorted(before.keys() & after.keys())
        if not isclose(before[name], after[name], rel_tol=1e-9, abs_tol=1e-9)
    ]
    return {
        "run": label(one.before),
        "tier": one.before.config.tier.name,
        "made": one.made,
        **{side: _ears(run) for side, run in (("from", one.before), ("to", one.after))},
        "changed": {name: {"from": before[name], "to": after[name]} for name in shared},
        "gained": {name: after[name] for name in sorted(after.keys() - before.keys())},
        "lost": {name: before[name] for name in sorted(before.keys() - after.keys())},
        "unscored": dict(one.after.unscored),
    }


def _ears(run: Run) -> Json:
    name = run.config.embedder.name
    score = {"score": run.scores.get(name), "score_floored": run.scores.get(f"{name}_floored")}
    return {"key": run.key, "embedder": name, "embedder_id": run.facts.embedder_id, **score}


def orders(done: Sequence[Rescored]) -> list[Json]:
    """For each tier its runs from best to worst before and after, by the score with invalid episodes at the floor, where there is one."""
    tiers: dict[str, list[Rescored]] = defaultdict(list)
    for one in done:
        tiers[one.before.config.tier.name].append(one)
    return [
        {
            "tier": tier,
            "from": _order([r.before for r in group]),
            "to": _order([r.after for r in group]),
        }
        for tier, group in tiers.items()
    ]


def _order(runs: Sequence[Run]) -> list[str]:
    scored = [(run.scores.get(f"{run.config.embedder.name}_floored"), label(run)) for run in runs]
    return [
        name
        for _, name in sorted(
            ((score, name) for score, name in scored if score is not None),
            key=lambda pair: (-pair[0], pair[1]),
        )
    ]


def lines(told: Json) -> list[str]:
    """The changes for a person."""
    said = [_line(one) for one in told["runs"]]
    for one in told["order"]:
        if not one["from"]:
            said.append(
                f"order of {one['tier']}: {' > '.join(one['to']) or 'none can be told'} (none before)"
            )
        elif one["from"] == one["to"]:
            said.append(f"order of {one['tier']}: as before")
        else:
            said.append(
                f"order of {one['tier']}: was {' > '.join(one['from'])}; is {' > '.join(one['to']) or 'none'}"
            )
    return said


def _line(one: Json) -> str:
    was, now = one["from"], one["to"]
    numbers = (
        f"{len(one['changed'])} numbers changed, {len(one['gained'])} came, {len(one['lost'])} went"
    )
    state = "" if one["made"] else " (was there already)"
    return f"{one['run']}: {was['embedder']} {_shown(was['score'])} -> {now['embedder']} {_shown(now['score'])}; {numbers}{state}"


def _shown(score: float | None) -> str:
    return MISSING if score is None else f"{score:.3f}"


def _tracked(folder: SweepFolder, done: Sequence[Rescored]) -> str | None:
    """The parent's link; None for a sweep that was made without a store, or while the store is gone."""
    if all("null" in one.before.config.tracking.target for one in done):
        return None
    try:
        return sync(folder)
    except TrackingUnavailable as error:
        logging.getLogger("earmark").warning("tracking: %s", error)
        return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark rescore",
        description="Hear a sweep's stored sounds again by another embedder.",
    )
    parser.add_argument("sweep", metavar="SWEEP", help="a folder name under multirun/")
    parser.add_argument("--embedder", required=True, metavar="NAME", help="a name of conf/embedder")
    parser.add_argument(
        "settings",
        nargs="*",
        metavar="KEY=VALUE",
        help="also embedder.checkpoint=FOLDER, fad_embedder=NAME, metric=NAME",
    )
    parser.add_argument("--json", action="store_true")
    return parser
