"""`earmark evolve`: let a model reword the prompt, under a search's objective, and confirm it.

Every wording is a run of the sweep; episodes, the proposer's answers included, are in the cassette,
so that the same line again pays nothing twice and proposes the same.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from earmark import paths
from earmark.analysis.summary import pick_keys
from earmark.config.compose import compose, run_name
from earmark.config.factory import build_parts, design_of, model_of, tasks_of
from earmark.config.preflight import preflight
from earmark.config.schema import PromptConfig, RunConfig
from earmark.errors import ConfigError
from earmark.identity import digest
from earmark.pipeline import Design, Parts
from earmark.records import Message, Request, Run, Sampling
from earmark.report.table import align
from earmark.run import begun, run_episodes
from earmark.storage.atomic import write_text
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.batches import refuse_batches
from earmark.sweep.launch import refuse_secrets, run_configs
from earmark.sweep.plan import plan, sweep_name
from earmark.sweep.session import Session, session
from earmark.tuning.candidates import Candidate
from earmark.tuning.conclude import conclude
from earmark.tuning.confirm import confirm
from earmark.tuning.evolve import Answered, Evolved, Texts, diff, evolve, prompt_yaml
from earmark.tuning.objectives import MEASURED, by_task

PROPOSER_TOKENS = 4096
PARTS = "system,task"


@dataclass
class Wordings:
    """Asks tasks with any texts: a run folder for each wording."""

    config: RunConfig
    objective: str
    opened: Session
    _built: dict[str, tuple[RunConfig, Design, Parts, Run]] = field(default_factory=dict)

    def answer(self, texts: Texts, task_id: str) -> Answered:
        """Ask one task with these texts, or read the answer that is there."""
        config, design, parts, run = self._parts(texts)
        folder = RunFolder(self.opened.folder.path / run_name(config))
        [task] = [one for one in design.tasks if one.id == task_id]
        asked = run_episodes(replace(design, tasks=(task,)), parts=parts, folder=folder)
        attempts = tuple(one for one in asked if one.task.id == task_id)
        picked = pick_keys(attempts, design.strategy)
        values = by_task(replace(run, attempts=attempts, picked=picked), self.objective)
        if isinstance(values, str):
            raise ConfigError(f"objective={self.objective}: {values}")
        sign = 1 if MEASURED[self.objective] == "maximize" else -1
        [counts] = [one for one in attempts if one.key == picked[0]]
        return Answered(sign * values[task_id], counts)

    def _parts(self, texts: Texts) -> tuple[RunConfig, Design, Parts, Run]:
        key = digest(dict(texts))
        if key not in self._built:
            config = reworded(self.config, texts)
            design = design_of(config)
            parts = build_parts(config, design)
            self._built[key] = (config, design, parts, begun(config, design, parts))
        return self._built[key]


def main(argv: list[str]) -> int:
    """Evolve and confirm; returns 0, or 1 when it could not be finished."""
    options, words = _options(argv)
    refuse_secrets(words)
    if not any(word.startswith("tier.split=") for word in words):
        words = [*words, "tier.split=tune"]
    planned = plan(words, multirun=False)
    if planned.swept:
        first = planned.swept[0]
        raise ConfigError(f"{first}: must have one value; add {first}=VALUE to the experiment's")
    refuse_batches(planned.config)
    given = planned.config.name
    name = sweep_name(given, argv) if given == "unnamed" else planned.name
    config = replace(planned.config, name=name)
    start = _start(config, options.parts.split(","))
    proposer = _Proposer(options.proposer, config)
    SweepFolder.named(name).check()
    preflight([config])
    tasks = [task.id for task in tasks_of(config)]
    with session(config, {"overrides": list(argv), "axes": ["prompt.name"], "runs": 1}) as opened:
        wordings = Wordings(config, options.objective, opened)
        found = evolve(
            start, tasks, wordings.answer, proposer, calls=options.calls, seed=config.seed
        )
    return _confirm(found, planned.fixed, config, options)


def reworded(config: RunConfig, texts: Texts) -> RunConfig:
    """The configuration with other texts in its prompt."""
    templates = {**config.prompt.templates, **texts}
    same = templates == dict(config.prompt.templates)
    name = config.prompt.name if same else f"evolved_{digest(templates)[:6]}"
    strategy = config.strategy
    settings = {**strategy.settings, "prompt": {"name": name, **templates}}
    strategy = replace(strategy, settings=settings)
    return replace(config, prompt=PromptConfig(name, templates), strategy=strategy)


def _options(argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="earmark evolve",
        description="Let a model reword parts of the prompt, keep what helps, and confirm it on "
        "held-out tasks. Needs the extra: pip install 'earmark[evolve]'.",
    )
    parser.add_argument(
        "--proposer",
        required=True,
        action="append",
        metavar="MODEL",
        help="who rewords: a name of conf/model; again for its settings (model.api_base=…)",
    )
    parser.add_argument("--objective", choices=sorted(MEASURED), default="score")
    parser.add_argument("--parts", default=PARTS, help=f"texts that evolve (default {PARTS})")
    parser.add_argument("--calls", type=int, default=200, help="episodes at most (default 200)")
    parser.add_argument("--winners", type=int, default=2, help="wordings to confirm (default 2)")
    parser.add_argument("words", nargs="*", metavar="SETTING=VALUE", help="as in a sweep")
    options = parser.parse_intermixed_args(list(argv))
    if options.calls < 1:
        raise ConfigError(f"--calls: must be at least 1, got {options.calls}")
    return options, options.words


def _start(config: RunConfig, parts: Sequence[str]) -> dict[str, str]:
    there = config.prompt.templates
    if unknown := [part for part in parts if part not in there]:
        known = ", ".join(there)
        raise ConfigError(f"--parts: unknown part {unknown[0]!r}; choose from {known}")
    return {part: there[part] for part in parts}


class _Proposer:
    """A model of conf/model that answers one prompt after the other, under the same budget."""

    def __init__(self, words: Sequence[str], config: RunConfig) -> None:
        named = [word if "=" in word else f"model={word}" for word in words]
        own = compose(named)
        if own.model.baseline:
            raise ConfigError(f"--proposer {words[0]}: must be a language model, is a baseline")
        self._model = model_of(
            replace(own, name=config.name, budget_usd=config.budget_usd, cassette=config.cassette)
        )
        self._turns = count()

    def __call__(self, prompt: str) -> str:
        request = Request(
            task_id="proposer",
            seconds=1.0,
            sample=0,
            turn=next(self._turns),
            messages=(Message("user", prompt),),
            sampling=Sampling(max_tokens=PROPOSER_TOKENS),
        )
        return self._model.complete(request).text


def _confirm(
    found: Sequence[Evolved],
    fixed: Sequence[str],
    config: RunConfig,
    options: argparse.Namespace,
) -> int:
    """Write the best wordings, ask them afresh with the first, and say what was gained."""
    start, *others = found
    print(f"{len(others)} wordings answered every task; the first has {start.value:.4f}")
    best = sorted(others, key=lambda one: -one.value)[: options.winners]
    better = [one for one in best if one.value > start.value]
    if not better:
        print("no wording was better than the first, even in the search; nothing is confirmed")
        return 0
    written = [_write(config, one, at) for at, one in enumerate(better, start=1)]
    searched = [*fixed, *_search_path()]
    candidates = [Candidate({"prompt": path.stem}, None, path.stem) for path in written]
    ordered, runs, what = confirm(
        candidates,
        searched,
        config,
        limit=None,
        run_sweep=lambda configs, name: run_configs(configs, name=name, facts={}, show=False),
    )
    if len(runs) < len(ordered):
        hint = "the same line again goes on"
        print(f"not confirmed: {len(runs)} of {len(ordered)} runs are finished; {hint}")
        return 1
    confirmed = conclude(ordered, runs, (), objective=options.objective, what=what)
    print(f"{align(confirmed.table, left=1)}\n{confirmed.verdict}")
    for path, one in zip(written, better, strict=True):
        print(f"\nwritten  {path} (in the search {one.value:.4f})\n{diff(start.texts, one.texts)}")
    folder = SweepFolder.named(config.name)
    folder.save_facts({**folder.facts(), "confirmed": confirmed.verdict})
    return 0


def _write(config: RunConfig, one: Evolved, at: int) -> Path:
    name = f"evolved_{digest([config.name])[:6]}_{at}"
    path = _own_conf() / "prompt" / f"{name}.yaml"
    texts = {**config.prompt.templates, **one.texts}
    comment = f"Evolved from {config.prompt.name} by the search {config.name}."
    write_text(path, prompt_yaml(name, texts, comment=comment))
    return path


def _search_path() -> list[str]:
    folder = _own_conf()
    found = folder.resolve() == paths.conf().resolve() or paths.own_conf() is not None
    return [] if found else [f"hydra.searchpath=[{folder}]"]


def _own_conf() -> Path:
    """Where files of the user's own go: the folder of --config-dir, else the project's conf/."""
    return paths.own_conf() or paths.root() / "conf"
