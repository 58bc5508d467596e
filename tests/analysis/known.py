"""Runs whose effects are known: scores are drawn around means that the test sets."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from earmark.analysis.summary import summarise
from earmark.records import (
    Attempt,
    Clip,
    Completion,
    Failure,
    Program,
    Request,
    Run,
    Sampling,
    Task,
)
from earmark.testing.sweeps import FACTS, HEADLINE, LastValid, config

CLIP = Clip("out.wav", 44100, 1, 44100, 1.0, 0.5, 0.1, 0.0, 0.0, "00")
FLOOR = 0.05
Mean = Callable[[str, str, float], float]


def known_run(
    model: str,
    *,
    tier: str = "notes",
    strategy: str = "zero_shot",
    temperature: float = 0.0,
    mean: float = 0.3,
    checks: float | None = None,
    tasks: int = 12,
    samples: int = 2,
    valid: float = 1.0,
    chance: float = 0.02,
    stand_in: bool = False,
    baseline: bool = False,
    cost_usd: float | None = 0.001,
) -> Run:
    """A finished run in memory; tasks are as hard for every run, chance is the run's own."""
    settings = config(
        model=model, tier=tier, strategy=strategy, temperature=temperature, samples=samples
    )
    if baseline:
        settings = replace(settings, model=replace(settings.model, baseline=True))
    key = f"{model}-{tier}-{strategy}-{temperature:g}"
    hard = np.random.default_rng([len(tier), tasks]).normal(0, 0.05, tasks)
    rng = np.random.default_rng(list(key.encode()))
    attempts = []
    for number in range(tasks):
        spec = {"f0_hz": 440} if checks is not None else {}
        task = Task(f"task{number}", tier, "c", "p", 1.0, spec=spec, difficulty=1 + number % 3)
        for sample in range(samples):
            name = f"{key}-{number}-{sample}"
            request = Request(task.id, 1.0, sample, 0, (), Sampling())
            words = ("m", "stop", 1, 1, 2.0, cost_usd, Sampling(), Sampling())
            answer = Completion("", *words)
            one = Attempt(name, key, task, sample, 0, request, answer)
            loops = int(rng.integers(1, 9))
            source = f"# {sample}\nx = {loops}\nprint(x * {number})\n"
            program = Program(source, features={"loops": loops, "lines": 3})
            one = replace(one, program=program)
            score = mean + float(hard[number]) + float(rng.normal(0, chance))
            scores = {HEADLINE: score}
            if checks is not None:
                met = checks + float(hard[number]) + float(rng.normal(0, chance))
                scores["check_ok"] = min(1.0, max(0.0, met))
            if rng.random() < valid:
                one = replace(one, clip=CLIP, scores=scores)
            else:
                one = replace(one, failure=Failure("execute", "timeout", "30 s are over"))
            attempts.append(one)
    facts = replace(FACTS, stand_in=stand_in)
    run = Run(key, "known", settings, tuple(attempts), facts=facts)
    return summarise(run, strategy=LastValid(), headline=HEADLINE, floor=FLOOR, set_metrics=())
