"""A sweep heard again by something else: its folder -> new runs beside the old ones, with the same answers, programs and sounds.

In: a SweepFolder and the settings of what hears. Out: for each finished run the run before and after. Nothing is asked and none of its
programs runs again. An old run is never changed: what hears is part of what a run is, so what another embedder makes of it is another
run, which says whence it came (`rescored_from`) and is found again by the second call, or by the sweep's own line with that embedder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from earmark.config.compose import build, check, compose, plain, run_name
from earmark.config.factory import (
    clip_metrics,
    design_of,
    embedders_preflight,
    recorded,
    scored,
    scoring_facts,
    swept_of,
)
from earmark.errors import ConfigError, SandboxUnavailable
from earmark.identity import attempt_key, run_key
from earmark.pipeline import Parts, judge
from earmark.records import Attempt, Execution, Isolation, Json, Limits, Program, Run, RunFacts
from earmark.sandbox import Sandbox
from earmark.storage.folders import RunFolder, SweepFolder, carry

HEARS = ("embedder", "fad_embedder", "metric", "reference")
HERE = ("root", "cache", "cassette", "tracking")
SAME_RUN = ("frames_agree",)  # of a second run of the program, which is not run a third time


@dataclass(frozen=True, slots=True)
class Reheard:
    """One run before and after; `made` is False where the second was there already."""

    before: Run
    after: Run
    made: bool


def rescore(folder: SweepFolder, settings: Sequence[str]) -> list[Reheard]:
    """Hear every finished run by `settings` (embedder=NAME and what belongs to it).

    Raises:
        ConfigError: a setting that is none, one that is not about hearing, or a sweep without a finished run.
        MetricUnavailable: weights that cannot be had, or that have drifted.
    """
    if foreign := [
        one
        for one in settings
        if one.lstrip("+~").split("=")[0].split(".")[0].split("@")[0] not in HEARS
    ]:
        raise ConfigError(
            f"{foreign[0]}: only what hears can be set here: {', '.join(HEARS)}; the answers stay as they are"
        )
    sources = [(place, run) for place in folder.runs() if not (run := place.run()).facts.rescored_from]
    if not sources:
        raise ConfigError(
            f"{folder.name}: holds no finished run yet; finish it by the same line again, then rescore"
        )
    asked = {
        place.path: reheard_config(run.config, settings, sweep=folder.name)
        for place, run in sources
    }
    check({name: config[name] for config in asked.values() for name in HEARS})
    wanted = {place.path for place, _ in sources if not _target(place, asked[place.path]).finished}
    embedders_preflight([asked[path] for path in wanted])
    done = [_reheard(place, run, asked[place.path]) for place, run in sources]
    facts, made = folder.facts(), sum(one.made for one in done)
    if made:
        folder.save_facts({**facts, "runs": int(facts.get("runs", len(sources))) + made})
    return done


def reheard_config(stored: Mapping[str, Any], settings: Sequence[str], *, sweep: str) -> Json:
    """A run's configuration with other ears: what the settings name, and the folders of this machine."""
    composed = plain(compose([*settings, f"name={sweep}"]))
    named = {one.lstrip("+~").split("=")[0].split(".")[0] for one in settings}
    taken = {name: composed[name] for name in HEARS if name in named} | {
        name: composed[name] for name in HERE
    }
    if (
        "embedder" in named
        and "fad_embedder" not in named
        and stored["fad_embedder"] == stored["embedder"]
    ):
        taken["fad_embedder"] = taken["embedder"]
    strategy = dict(stored["strategy"])
    if "embedder" in taken and strategy.get("metric") == stored["embedder"]["name"]:
        strategy["metric"] = taken["embedder"]["name"]
    return {
        "baselines": composed["baselines"],
        **stored,
        **taken,
        "strategy": strategy,
        "name": sweep,
    }


def _target(source: RunFolder, config: Json) -> RunFolder:
    return RunFolder(source.path.parent / run_name(config))


def _reheard(source: RunFolder, before: Run, config: Json) -> Reheard:
    target, key = _target(source, config), run_key(config)
    if target.finished:
        return Reheard(before, target.run(), made=False)
    parts = Parts(
        model=build(config["baselines"]["models"][config["baselines"]["rules"]["floor"]]),
        sandbox=_sandbox(config),
    )
    parts = replace(parts, metrics=clip_metrics(config))
    for one in before.attempts:
        _linked(source.folder_of(one), target.folder_of(one))
        target.save_attempt(_judged(one, key, parts))
    facts = replace(_facts_after(before, scoring_facts(config)), swept=swept_of(config, source))
    run = Run(
        key,
        source.path.parent.name,
        recorded(config),
        attempts=tuple(target.attempts()),
        facts=facts,
    )
    done = scored(run, design=design_of(config), parts=parts)
    target.save_run(done)
    return Reheard(before, done, made=True)


def _facts_after(before: Run, scoring: RunFacts) -> RunFacts:
    """The facts of a rescored run: nothing of what scored it before is left."""
    return replace(scoring, isolation=before.facts.isolation, rescored_from=before.key)


def _judged(one: Attempt, run: str, parts: Parts) -> Attempt:
    key = attempt_key(run, one.task.id, one.sample, one.turn)
    if one.clip is None or one.failure is not None:
        return replace(one, key=key, run=run)
    said = judge(one.clip, one.task, parts.metrics)
    values = {**{name: one.scores[name] for name in SAME_RUN if name in one.scores}, **said.values}
    unscored = {
        **{name: one.unscored[name] for name in SAME_RUN if name in one.unscored},
        **said.unscored,
    }
    return replace(one, key=key, run=run, scores=values, unscored=unscored)


def _linked(source: Path, target: Path) -> None:
    """The evidence of an attempt under another name; the record itself is written anew."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.name != "attempt.json" and not path.name.startswith("."):
            carry(path, target / path.name)


def _sandbox(config: Json) -> Sandbox:
    """Runs the baselines; where nothing isolates they are left unscored, and the sweep's own clips are heard all the same."""
    try:
        sandbox: Sandbox = build(config["sandbox"])
    except SandboxUnavailable as error:
        return _Closed(str(error))
    return sandbox


@dataclass(frozen=True)
class _Closed:
    """A sandbox that runs nothing, and why."""

    reason: str
    isolation: Isolation = "none"
    limits: Limits = field(default_factory=Limits)

    def run(self, program: Program, *, folder: Path) -> Execution:
        """Always SandboxUnavailable."""
        self._refuse(program, folder)

    def _refuse(self, *_: object) -> NoReturn:
        raise SandboxUnavailable(self.reason)

    def close(self) -> None:
        """Nothing is open."""
