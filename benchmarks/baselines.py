"""What the baselines of every tier score, and how well the expert programs do against them.

    python benchmarks/baselines.py [--embedder NAME] [--tier TIER …]
    python benchmarks/baselines.py --quality [--programs FOLDER] [--tier TIER …]

Prints the table of docs/scoring.md; the share of tasks on which the trivial program is above the
expert; the share of expert clips that match their own caption best among the captions of the tier;
and the reason where there is no calibrated scale. Everything runs through the pipeline of a sweep.

--quality asks no embedder: of each expert it prints the facts of the spec that it meets, the word
error rate where words are stated, and what DNSMOS predicts of speech, each with the mean; then what
DNSMOS predicts of each program that ignores the task. --programs measures the programs of another
folder, such as an older checkout's.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from earmark.analysis.baseline_choice import run_baseline
from earmark.analysis.baselines import Baselines
from earmark.analysis.calibration import no_scale, recordings_mark
from earmark.config.compose import compose
from earmark.config.factory import build_parts, design_of, tasks_of
from earmark.models.baselines.expert import Expert
from earmark.models.baselines.trivial import KINDS, Trivial
from earmark.pipeline import Parts
from earmark.records import Task
from earmark.run import text_audio_of, tier_baselines

TIERS = ("notes", "environment", "speech")
WORD_ERROR = "check_wer_whisper_base"
COLUMNS = {
    "word error": WORD_ERROR,
    "DNSMOS overall": "dnsmos_overall",
    "speech": "dnsmos_speech",
    "background": "dnsmos_background",
    "P.808": "dnsmos_p808",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--embedder", default="yamnet_minilm")
    parser.add_argument("--tier", nargs="+", default=TIERS)
    parser.add_argument("--quality", action="store_true")
    parser.add_argument("--programs")
    options = parser.parse_args()
    if options.quality:
        for tier in options.tier:
            print_quality(tier, options.programs)
        return
    rows: dict[str, dict[str, str]] = {}
    for tier in options.tier:
        config = compose([f"tier={tier}", f"embedder={options.embedder}", "fad_embedder=none"])
        tasks = tasks_of(config)
        parts = build_parts(config, design_of(config))
        baselines = tier_baselines(config, tasks, parts)
        rows[tier] = {name: entry(baselines, name) for name in baselines.names}
        print(f"{tier}: {facts(baselines, tasks, parts)}", flush=True)
    print_table(rows)


def facts(baselines: Baselines, tasks: Sequence[Task], parts: Parts) -> str:
    """The shares, in words."""
    expert, trivial = baselines.scores["expert"], baselines.scores["trivial"]
    beaten = np.mean([trivial[task.id] > expert[task.id] for task in tasks])
    first = own_caption_first(tasks, parts)
    scale = no_scale(baselines) or "the expert is above every other baseline"
    choice = baselines.choices["trivial"]
    mark = recordings_mark(baselines)
    stand = mark
    if not isinstance(mark, str):
        stand = f"{mark.value:.2f} ({mark.low:.2f} .. {mark.high:.2f})"
    evidence = sorted(choice.means.items(), key=lambda item: -item[1])[:5]
    ranked = ", ".join(f"{name} {mean:.3f}" for name, mean in evidence)
    return (
        f"trivial above expert on {beaten:.0%} of {len(tasks)} tasks; own caption first in "
        f"{first:.0%}; scale: {scale}\n  recordings on that scale: {stand}"
        f"\n  trivial is {choice.words}: {ranked}"
    )


def own_caption_first(tasks: Sequence[Task], parts: Parts) -> float:
    """The share of expert clips whose own caption has the highest score of all."""
    metric = text_audio_of(parts.metrics)
    captions = [task.caption for task in tasks]
    expert = replace(parts, model=parts.baselines["expert"], metrics=())
    hits = []
    with tempfile.TemporaryDirectory() as folder:
        for at, task in enumerate(tasks):
            made = run_baseline(task, Path(folder) / task.id, expert)
            if made.clip is not None:
                hits.append(metric.cosines(made.clip, captions).mean(axis=1).argmax() == at)
    return float(np.mean(hits))


def entry(baselines: Baselines, name: str) -> str:
    """Mean, interval and number of tasks as docs/scoring.md prints them."""
    mean = baselines.mean(name)
    if mean is None:
        return "–"
    return f"{mean.value:.3f} ({mean.low:.3f} .. {mean.high:.3f}), {mean.n}"


def print_table(rows: dict[str, dict[str, str]]) -> None:
    """Markdown: a row for each baseline, a column for each tier."""
    names = list(dict.fromkeys(name for by_name in rows.values() for name in by_name))
    print("| | " + " | ".join(rows) + " |")
    print("| --- |" + " --- |" * len(rows))
    for name in names:
        print(f"| {name} | " + " | ".join(rows[tier].get(name, "–") for tier in rows) + " |")


def print_quality(tier: str, programs: str | None) -> None:
    """A row for each task's expert, the means, and a row for each trivial program."""
    config = compose([f"tier={tier}", "embedder=none", "fad_embedder=none", "metric=dnsmos"])
    tasks = tasks_of(config)
    parts = build_parts(config, design_of(config))
    expert = replace(parts, model=Expert(folder=programs))
    print(f"\n| {tier}: expert | facts met | " + " | ".join(COLUMNS) + " |")
    print("| --- | ---: |" + " ---: |" * len(COLUMNS))
    rows = []
    for task in tasks:
        made = _scores(task, expert)
        met = [value for name, value in made.items() if name.endswith("_ok") and name != "check_ok"]
        print_row(task.id, f"{sum(met):.0f} of {len(met)}", made)
        rows.append(made)
    whole = sum(made.get("check_ok") == 1 for made in rows)
    print_row(f"mean of {len(rows)}", f"{whole} whole", _means(rows))
    spoken = [made for made in rows if WORD_ERROR in made]
    if spoken:
        print_row(f"mean of the {len(spoken)} with words", "", _means(spoken))
    seconds = sorted(task.seconds for task in tasks)[len(tasks) // 2]
    for kind in KINDS:
        task = replace(tasks[0], id=kind, seconds=seconds)
        print_row(f"trivial: {kind}", "", _scores(task, replace(parts, model=Trivial(kind=kind))))


def print_row(name: str, met: str, scores: Mapping[str, float]) -> None:
    """One line of the table; a dash where a number has no value."""
    values = [f"{scores[key]:.2f}" if key in scores else "–" for key in COLUMNS.values()]
    print(f"| {name} | {met} | " + " | ".join(values) + " |", flush=True)


def _scores(task: Task, parts: Parts) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        return dict(run_baseline(task, Path(folder) / task.id, parts).scores)


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    means = {}
    for key in COLUMNS.values():
        values = [row[key] for row in rows if key in row]
        if values:
            means[key] = float(np.mean(values))
    return means


if __name__ == "__main__":
    main()
