"""What the scores of one table are read against: a sweep's kept baselines -> a section of the listening page.

In: the runs of one tier and pipeline, the sweep's folder, how a clip is carried into the page. Out: plain JSON: each baseline in plain
words with its mean, its interval or the reason why there is none, and its kept clips. A sweep that kept no clips has the numbers alone, one
that kept no baselines has no section. Nothing is scored here.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from earmark.analysis.baseline_clips import BaselineClip, laid
from earmark.analysis.baselines import MISMATCHED, RECORDINGS, Baselines, stored
from earmark.records import Json, Run

Carry = Callable[[Path], str | None]

WORDS = {
    "expert": "expert programs, written by hand",
    RECORDINGS: "real recordings",
    MISMATCHED: "expert programs, wrong captions",
    "random_program": "random programs",
    "sine": "a plain sine tone",
    "noise": "white noise",
    "silence": "silence",
}


def section(runs: Sequence[Run], sweep: Path, carry: Carry) -> Json | None:
    """The baselines that most of the runs are read against, best first; None where the sweep holds none."""
    counted = Counter(run.facts["baselines"] for run in runs if "baselines" in run.facts)
    places = [
        (count, sweep / "baselines" / f"{runs[0].config.tier.name}-{one}")
        for one, count in counted.items()
    ]
    found = [
        (count, place)
        for count, place in places
        if place.parent == sweep / "baselines" and _kept(place).is_file()
    ]
    if not found:
        return None
    count, place = max(found, key=lambda pair: pair[0])
    baselines = stored(_kept(place))
    none = _one_reason(baselines)
    rows = [] if none else [_row(name, baselines) for name in baselines.names()]
    _heard(rows, laid(place), baselines, place, carry)
    ends = {
        end: _words(name)
        for end, name in (("floor", baselines.rules.floor), ("ceiling", baselines.rules.ceiling))
    }
    part = f"{count} of {len(runs)} runs are read against these" if count < len(runs) else None
    return {
        **ends,
        "none": none,
        "no_scale": baselines.no_scale(),
        "part": part,
        "rows": sorted(rows, key=_best_first),
    }


def _kept(place: Path) -> Path:
    return place.with_name(f"{place.name}.json")


def _one_reason(baselines: Baselines) -> str | None:
    """The reason why no baseline has a score, where it is the same for all: said once it is clearer than seven times."""
    reasons = sorted(set(baselines.unscored.values()))
    return reasons[0] if not baselines.scores and len(reasons) == 1 else None


def _words(name: str) -> str:
    return WORDS.get(name, name.replace("_", " "))


def _row(name: str, baselines: Baselines) -> Json:
    found = baselines.mean(name)
    ends = {baselines.rules.floor: "floor", baselines.rules.ceiling: "ceiling"}
    numbers = (
        ("mean", "value"),
        ("se", "standard_error"),
        ("low", "low"),
        ("high", "high"),
        ("n", "n"),
    )
    return {
        "id": name,
        "name": _words(name),
        "end": ends.get(name),
        **{short: getattr(found, field) if found else None for short, field in numbers},
        "unscored": baselines.unscored.get(name),
        "clips": [],
    }


def _heard(
    rows: Sequence[Json],
    clips: Mapping[str, Sequence[tuple[BaselineClip, Path]]],
    baselines: Baselines,
    place: Path,
    carry: Carry,
) -> None:
    """Give the rows their clips, the first of every baseline before the second of any: where not all fit, each keeps something to hear."""
    turns = sorted((at, row["id"]) for row in rows for at in range(len(clips.get(row["id"], ()))))
    of = {row["id"]: row["clips"] for row in rows}
    for at, name in turns:
        one, wav = clips[name][at]
        told = {
            "task": one.task,
            "caption": one.caption,
            "score": baselines.scores.get(name, {}).get(one.task),
        }
        of[name].append(
            {**told, "audio": carry(wav), "folder": wav.relative_to(place.parents[2]).as_posix()}
        )


def _best_first(row: Json) -> tuple[bool, float, str]:
    return row["mean"] is None, -(row["mean"] or 0.0), row["name"]
