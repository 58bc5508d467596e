"""The section of the listening page on the baselines that a table's scores are read against.

Each baseline has its mean and interval, or the reason why there is none, and its kept clips.
A sweep that kept no baselines has no section.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from earmark.analysis.baseline_clips import BaselineClip, linked
from earmark.analysis.baselines import (
    MISMATCHED,
    RECORDINGS,
    TASK_RECORDINGS,
    Baselines,
    load_baselines,
)
from earmark.analysis.calibration import no_scale, recordings_mark
from earmark.errors import counted
from earmark.records import Json, Run
from earmark.report.verdict import value_text

ClipUri = Callable[[Path], str | None]

PLAIN_NAMES = {
    "expert": "expert programs, written by hand",
    RECORDINGS: "real recordings, their own captions",
    TASK_RECORDINGS: "real recordings, the tasks' captions",
    MISMATCHED: "expert programs, wrong captions",
    "random_program": "random programs",
    "trivial": "one program for all tasks",
    "sine": "a plain sine tone",
    "noise": "white noise",
    "silence": "silence",
}


def baselines_section(runs: Sequence[Run], sweep: Path, clip_uri: ClipUri) -> Json | None:
    """The baselines that most of the runs are read against, best first; None where none are kept.

    Args:
        runs: the runs of one table.
        sweep: the sweep's folder.
        clip_uri: how the page reaches a clip; None where it does not.
    """
    counts = Counter(run.facts.baselines for run in runs if run.facts.baselines)
    tier = runs[0].config.tier.name
    kept = [(one, sweep / "baselines" / f"{tier}-{one}") for one, _ in counts.most_common()]
    kept = [
        (one, folder)
        for one, folder in kept
        if folder.parent == sweep / "baselines" and _record_path(folder).is_file()
    ]
    if not kept:
        return None
    chosen, folder = kept[0]
    baselines = load_baselines(_record_path(folder))
    reason = _shared_reason(baselines)
    rows = [] if reason else [_row(name, baselines) for name in baselines.names]
    _add_clips(rows, linked(folder), baselines, folder, clip_uri)
    part = f"{counts[chosen]} of {counted(len(runs), 'run')} are read against these"
    return {
        "floor": _plain_name(baselines.floor_name),
        "expert": _plain_name(baselines.expert_name),
        "no_scores": reason,
        "no_scale": no_scale(baselines),
        "recordings": _recordings(baselines),
        "choices": [
            f"{_plain_name(name).capitalize()}: {choice.words}"
            for name, choice in baselines.choices.items()
        ],
        "part": part if counts[chosen] < len(runs) else None,
        "rows": sorted(rows, key=_best_first),
    }


def _recordings(baselines: Baselines) -> str | None:
    """Where recordings of what the tasks ask for stand on the scale; None where they have none."""
    mark = recordings_mark(baselines)
    if isinstance(mark, str):
        return None
    return f"Recordings of {mark.tasks} of the tasks stand at {value_text(mark, decimals=2)}"


def _record_path(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.json")


def _shared_reason(baselines: Baselines) -> str | None:
    """The reason why no baseline has a score, where it is the same for all: shown once."""
    reasons = sorted(set(baselines.unscored.values()))
    return reasons[0] if not baselines.scores and len(reasons) == 1 else None


def _plain_name(name: str) -> str:
    return PLAIN_NAMES.get(name, name.replace("_", " "))


def _row(name: str, baselines: Baselines) -> Json:
    ends = {baselines.floor_name: "floor", baselines.expert_name: "expert"}
    mean, choice = baselines.mean(name), baselines.choices.get(name)
    return {
        "id": name,
        "name": _plain_name(name) + (f": {choice.program}" if choice else ""),
        "end": ends.get(name),
        "mean": mean.value if mean else None,
        "se": mean.standard_error if mean else None,
        "low": mean.low if mean else None,
        "high": mean.high if mean else None,
        "n": mean.n if mean else None,
        "unscored": baselines.unscored.get(name),
        "clips": [],
    }


def _add_clips(
    rows: Sequence[Json],
    clips: Mapping[str, Sequence[tuple[BaselineClip, Path]]],
    baselines: Baselines,
    folder: Path,
    clip_uri: ClipUri,
) -> None:
    """Give the rows their clips, the first of every baseline before the second of any.

    Where not all fit into the page, each baseline keeps something to listen to.
    """
    of_row = {row["id"]: row["clips"] for row in rows}
    queue = [
        (at, name, one, wav)
        for name in sorted(of_row)
        for at, (one, wav) in enumerate(clips.get(name, ()))
    ]
    for _, name, one, wav in sorted(queue, key=lambda entry: entry[0]):
        of_row[name].append(
            {
                "task": one.task,
                "caption": one.caption,
                "score": baselines.scores.get(name, {}).get(one.task),
                "audio": clip_uri(wav),
                "folder": wav.relative_to(folder.parents[2]).as_posix(),
            }
        )


def _best_first(row: Json) -> tuple[bool, float, str]:
    return row["mean"] is None, -(row["mean"] or 0.0), row["name"]
