"""Every spec against recordings of the very thing that its task asks for.

    OMP_NUM_THREADS=1 PYTHONPATH=. python benchmarks/specs.py [--before FOLDER] [TASK ...]

The recordings are those of tests/checks/recordings.yaml: several hundred takes of sounds,
instruments and voices out of packages of the distribution, fetched where they are missing. Prints
the takes that fail and by which facts; for each fact, on how many takes it is met; the share of
facts about the kind of sound that fail, which are those that a prompt does not state as a number;
and the tasks that no take passes whole. --before also prints the counts by the tier files of
another folder, such as an older checkout's conf/tier.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from earmark.checks import CHECKS
from earmark.checks.sound import Unmeasurable, sound
from earmark.errors import MetricUnavailable
from earmark.records import Task
from tests.checks.made import DETECTORS, is_met, tasks
from tests.checks.recordings import Take, entries, takes

# What a prompt states as a number or in words; the other facts are about the kind of sound.
STATED = {"f0_hz", "midi", "chord", "melody", "glide_hz", "onsets", "onset_count", "event_count"}
STATED |= {"tempo_bpm", "period_seconds", "words", "syllable_count", "silence_share", "loudest_at"}
Verdicts = Mapping[str, bool]  # of one take, by fact


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("task", nargs="*")
    parser.add_argument("--before", type=Path)
    options = parser.parse_args()
    now: list[tuple[str, Verdicts]] = []
    before: list[tuple[str, Verdicts]] = []
    for name, take in _all(options.task):
        verdicts = _verdicts(take, tasks()[name])
        now.append((name, verdicts))
        if options.before:
            before.append((name, _verdicts(take, tasks(options.before)[name])))
        if unmet := [fact for fact, met in verdicts.items() if not met]:
            print(f"{name}: {take.name}: {' '.join(unmet)}", flush=True)
    for title, rows in (("before", before), ("now", now)):
        if rows:
            _summary(title, rows)


def _all(only: list[str]) -> Iterator[tuple[str, Take]]:
    for name in only or entries():
        try:
            for take in takes(name, tasks()[name].seconds):
                yield name, take
        except MetricUnavailable as error:
            print(f"{name}: {error}")


def _verdicts(take: Take, task: Task) -> Verdicts:
    facts = [name for name in task.spec if name in CHECKS and name not in take.but]
    try:
        one = sound(take.samples, take.rate_hz, DETECTORS)
    except Unmeasurable:
        return dict.fromkeys(facts, False)
    judged = {name: is_met(one, name, task.spec) for name in facts}
    return {name: met for name, met in judged.items() if met is not None}


def _summary(title: str, rows: list[tuple[str, Verdicts]]) -> None:
    held: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for _, verdicts in rows:
        held.update(verdicts.keys())
        met.update(fact for fact, one in verdicts.items() if one)
    print(f"\n{title}: fact, takes that meet it, takes held to it")
    for fact in sorted(held):
        print(f"  {fact:22}{met[fact]:5}{held[fact]:5}")
    kind = [fact for fact in held if fact not in STATED]
    fails = sum(held[fact] - met[fact] for fact in kind)
    total = sum(held[fact] for fact in kind)
    whole = {name for name, verdicts in rows if all(verdicts.values())}
    tried = {name for name, _ in rows}
    passed = sum(all(verdicts.values()) for _, verdicts in rows)
    print(f"  kind facts that fail: {fails} of {total}, {fails / total:.1%}")
    print(f"  takes that pass whole: {passed} of {len(rows)}")
    print(f"  tasks that a take passes whole: {len(whole)} of {len(tried)}")
    print(f"  none: {' '.join(sorted(tried - whole))}")


if __name__ == "__main__":
    main()
