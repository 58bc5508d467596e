"""Makes the sweep of growth.py out of one of its runs: `python benchmarks/multiplied.py ROOT N`.

For what growth.py measures after `append`, at a size whose `append` and `sync` take an hour: the
first run is made as there, and its records, with scores drawn anew, are those of every other run.
The files are the project's own, written without waiting for the disk. Then, in the same folder:
`python benchmarks/growth.py --root ROOT --only page export -- N`.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import growth

from earmark.analysis.summary import summarise
from earmark.config.schema import RunConfig
from earmark.identity import attempt_key, run_key
from earmark.records import Attempt, Run
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import FACTS, FLOOR, HEADLINE

NOISE = 1e-3  # by which the scores of one clip differ


def drawn(one: Attempt, key: str, config: RunConfig, rng: Random, mean: float) -> Attempt:
    """The attempt as one of another run, with scores that mean nothing."""
    score = mean + 0.7 * rng.random()
    return replace(
        one,
        key=attempt_key(key, one.task.id, one.sample, one.turn),
        run=key,
        task=replace(one.task, tier=config.tier.name),
        scores={name: score + NOISE * rng.random() for name in one.scores},
    )


def save(one: Attempt, folder: RunFolder, evidence: Path) -> Attempt:
    """Write an attempt with links to its evidence; the attempt as it is stored."""
    place = folder.folder_of(one)
    if one.clip is not None and one.execution is not None:
        place.mkdir(parents=True)
        for name in ("out.wav", "out.png"):
            os.link(evidence / name, place / name)
        wav = str(place / "out.wav")
        clip, execution = replace(one.clip, path=wav), replace(one.execution, wav=wav)
        one = replace(one, clip=clip, execution=execution)
    folder.save_attempt(one)
    return one


def multiply(root: Path, attempts: int) -> None:
    """Make the sweep."""
    sweep = SweepFolder(root / "multirun" / "big")
    growth.append(sweep, growth.PER_RUN)
    [first] = sweep.runs()
    template = first.run()
    evidence = next(first.folder_of(one) for one in template.attempts if one.clip is not None)
    strategy = growth.design(template.key, 1, 1).strategy
    rng = Random(0)
    for config in growth.configs(attempts):
        key = run_key(config)
        if key == template.key:
            continue
        folder = RunFolder(sweep.path / f"{config.model.name}-{config.tier.name}-{key}")
        mean = 0.3 * rng.random()
        made = []
        for one in template.attempts:
            made.append(save(drawn(one, key, config, rng, mean), folder, evidence))
        run = Run(key, sweep.name, config, tuple(made), facts=FACTS)
        folder.save_run(
            summarise(run, strategy=strategy, headline=HEADLINE, floor=FLOOR, set_metrics=())
        )
    sweep.save_facts({"runs": len(sweep.runs()), "overrides": growth.LINE})


if __name__ == "__main__":
    os.fsync = lambda _: None  # type: ignore[assignment]  # to wait for the disk is what takes long
    place = Path(sys.argv[1]) / sys.argv[2]
    place.mkdir(parents=True)
    multiply(place, int(sys.argv[2]))
