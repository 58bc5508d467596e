"""Everything that a search needs to know before its first call, checked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from earmark.config.build import build
from earmark.config.compose import compose
from earmark.config.factory import tasks_of
from earmark.config.schema import RunConfig
from earmark.config.search import SearchConfig, build_search_part
from earmark.errors import ConfigError
from earmark.identity import run_key
from earmark.models import capabilities_of
from earmark.tuning.objectives import DIRECTIONS, VOTES, Able, check_objectives, unit
from earmark.tuning.parameter import Point
from earmark.tuning.search import shuffled
from earmark.tuning.space import Space, read_space, words
from earmark.tuning.study import SharedStudy
from earmark.tuning.witness import witness_config


@dataclass(frozen=True, slots=True)
class Search:
    """A search to be.

    fixed       the words that all trials share
    config      what they compose to, under the study's name
    order       the ids of the tasks in the order in which every trial answers them
    probes      configurations that together hold every value of the space
    witness     the same as `config` with the embedder that scores the confirmation
    """

    settings: SearchConfig
    space: Space
    fixed: tuple[str, ...]
    config: RunConfig
    order: tuple[str, ...]
    probes: tuple[RunConfig, ...]
    witness: RunConfig | None = None

    @property
    def defaults(self) -> Point:
        """The settings of the line itself, as far as the space holds them."""
        return self.space.default(self.config.setting)

    @property
    def by_votes(self) -> bool:
        """Whether people decide."""
        return self.settings.objective == (VOTES,)

    @property
    def units(self) -> tuple[str, ...]:
        """What each objective is called."""
        name, stand_in = self.config.embedder.name, build(self.config.embedder).standin
        return tuple(unit(one, name, stand_in=stand_in) for one in self.settings.objective)

    @property
    def trials(self) -> int:
        """How many different settings can be tried."""
        size = self.space.size(self.settings.trials)
        return self.settings.trials if size is None else size

    def words_of(self, point: Point) -> list[str]:
        """The words that make the run of a point."""
        kept = [word for word in self.fixed if word.partition("=")[0] not in point]
        return [*kept, *words(point)]

    def open_study(self, folder: Path) -> SharedStudy:
        """The study for one worker. Raises ConfigError for one of another search."""
        sampler = self.settings.sampler
        return SharedStudy(
            folder,
            name=self.config.name,
            directions=[DIRECTIONS[name] for name in self.settings.objective],
            searched={
                "space": self.settings.space,
                "objective": self.settings.objective,
                "run": run_key(self.config),
            },
            sampler=lambda seed: build_search_part(sampler, seed=seed),
            pruner=build_search_part(self.settings.pruner),
            seed=self.config.seed,
        )


def prepare(settings: SearchConfig, fixed: Sequence[str], config: RunConfig) -> Search:
    """Check a search.

    Args:
        settings: of the search.
        fixed: the words that all trials share.
        config: what they compose to, under the study's name.

    Raises:
        ConfigError: a space that does not fit, a sampler that refuses its settings, or an objective
            that cannot be computed.
    """
    space = read_space(settings.space)
    build_search_part(settings.sampler, seed=0)
    build_search_part(settings.pruner)
    if settings.sampler.name == "grid":
        next(space.points())  # refuses a range without a step
    tasks = tasks_of(config)
    order = shuffled([task.id for task in tasks], config.seed)
    search = Search(settings, space, tuple(fixed), config, tuple(order), ())
    probes = tuple(map(partial(_probe, search), space.cover()))
    checked = any(task.spec for task in tasks)
    able = []
    for one in (config, *probes):
        price = capabilities_of(build(one.model)).price
        priced = price is not None and not price.free and not one.model.baseline
        able.append((one.model.name, Able(one.embedder.name != "none", checked, priced)))
    check_objectives(settings.objective, able)
    named = settings.witness
    witness = None if named is None else witness_config(named, fixed, config)
    return replace(search, probes=probes, witness=witness)


def _probe(search: Search, point: Point) -> RunConfig:
    """A point composed: a name or a value that does not fit is refused before the first call."""
    try:
        return replace(compose(search.words_of(point)), name=search.config.name)
    except ConfigError as error:
        where = " ".join(words(point))
        raise ConfigError(f"space: {error} (in {where}); see conf/hparams_search") from error
