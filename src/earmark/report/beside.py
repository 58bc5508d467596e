"""What the scores of one table are read against: a sweep's kept controls -> a section of the listening page.

In: the cells of one tier and pipeline, the sweep's folder, how a clip is carried into the page. Out: plain JSON: each control in plain
words with its mean, its interval or the reason why there is none, and its kept clips. A sweep that kept no clips has the numbers alone, one
that kept no controls has no section. Nothing is scored here.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from earmark.control_clips import ControlClip, laid
from earmark.controls import MISMATCHED, RECORDINGS, Controls, stored
from earmark.records import Cell, Json

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


def section(cells: Sequence[Cell], sweep: Path, carry: Carry) -> Json | None:
    """The controls that most of the cells are read against, best first; None where the sweep holds none."""
    counted = Counter(cell.facts["controls"] for cell in cells if "controls" in cell.facts)
    places = [(count, sweep / "controls" / f"{cells[0].config['tier']['name']}-{one}") for one, count in counted.items()]
    found = [(count, place) for count, place in places if _kept(place).is_file()]
    if not found:
        return None
    count, place = max(found, key=lambda pair: pair[0])
    controls = stored(_kept(place))
    none = _one_reason(controls)
    rows = [] if none else [_row(name, controls) for name in controls.names()]
    _heard(rows, laid(place), controls, place, carry)
    ends = {end: _words(name) for end, name in (("floor", controls.rules.floor), ("ceiling", controls.rules.ceiling))}
    part = f"{count} of {len(cells)} cells are read against these" if count < len(cells) else None
    return {**ends, "none": none, "no_scale": controls.no_scale(), "part": part, "rows": sorted(rows, key=_best_first)}


def _kept(place: Path) -> Path:
    return place.with_name(f"{place.name}.json")


def _one_reason(controls: Controls) -> str | None:
    """The reason why no control has a score, where it is the same for all: said once it is clearer than seven times."""
    reasons = sorted(set(controls.unscored.values()))
    return reasons[0] if not controls.scores and len(reasons) == 1 else None


def _words(name: str) -> str:
    return WORDS.get(name, name.replace("_", " "))


def _row(name: str, controls: Controls) -> Json:
    found = controls.mean(name)
    ends = {controls.rules.floor: "floor", controls.rules.ceiling: "ceiling"}
    numbers = ("mean", "value"), ("se", "standard_error"), ("low", "low"), ("high", "high"), ("n", "n")
    return {
        "id": name,
        "name": _words(name),
        "end": ends.get(name),
        **{short: getattr(found, field) if found else None for short, field in numbers},
        "unscored": controls.unscored.get(name),
        "clips": [],
    }


def _heard(
    rows: Sequence[Json], clips: Mapping[str, Sequence[tuple[ControlClip, Path]]], controls: Controls, place: Path, carry: Carry
) -> None:
    """Give the rows their clips, the first of every control before the second of any: where not all fit, each keeps something to hear."""
    turns = sorted((at, row["id"]) for row in rows for at in range(len(clips.get(row["id"], ()))))
    of = {row["id"]: row["clips"] for row in rows}
    for at, name in turns:
        one, wav = clips[name][at]
        told = {"task": one.task, "caption": one.caption, "score": controls.scores.get(name, {}).get(one.task)}
        of[name].append({**told, "audio": carry(wav), "folder": wav.relative_to(place.parents[2]).as_posix()})


def _best_first(row: Json) -> tuple[bool, float, str]:
    return row["mean"] is None, -(row["mean"] or 0.0), row["name"]
