"""What the baselines of every tier score, and how well the expert programs do against them.

    python benchmarks/baselines.py [--embedder NAME] [--tier TIER …]

Prints the table of docs/scoring.md; the share of tasks on which the trivial program is above the
expert; the share of expert clips that match their own caption best among the captions of the tier;
and the reason where there is no calibrated scale. Everything runs through the pipeline of a sweep.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from earmark.analysis.baseline_choice import run_baseline
from earmark.analysis.baselines import Baselines
from earmark.analysis.calibration import no_scale, recordings_mark
from earmark.config.compose import compose
from earmark.config.factory import build_parts, design_of, tasks_of
from earmark.pipeline import Parts
from earmark.records import Task
from earmark.run import text_audio_of, tier_baselines

TIERS = ("notes", "environment", "speech")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--embedder", default="yamnet_minilm")
    parser.add_argument("--tier", nargs="+", default=TIERS)
    options = parser.parse_args()
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


if __name__ == "__main__":
    main()
