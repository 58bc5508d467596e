"""The Optuna study of a search, shared by threads and processes, and by starts after a kill.

A trial belongs to the process that holds its lock. A killed process holds none, so the next one
takes its trial up again: the same settings, the same runs, nothing lost and nothing paid twice.
(Optuna's heartbeat would leave it for dead after minutes and draw other settings.) Proposals are
drawn from a seed and the trial's number: a study that was killed goes on as if it had not been.
"""

import json
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from earmark.errors import ConfigError
from earmark.identity import digest
from earmark.storage.urls import sqlite_url
from earmark.tuning.objectives import Direction
from earmark.tuning.parameter import Point
from earmark.tuning.space import Space
from earmark.tuning.tried import DEFAULTS, POINT, REASON, SAME_AS, Tried, read_trial

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.samplers import BaseSampler
    from optuna.storages import BaseStorage

MadeSampler = Callable[[int], "BaseSampler"]
MAX_KNOWN = 3  # trials per trial asked for: a sampler that proposes only known settings must end
LOOK_SECONDS = 0.2
SEARCHED = "searched"


@dataclass(frozen=True, slots=True)
class Taken:
    """A trial that this worker holds; `known` is an earlier one of the same settings."""

    trial: "Trial"
    settings: Point
    lock: FileLock | None
    known: Tried | None


class SharedStudy:
    """One study in a sweep's folder; each worker has an object of its own.

    Args:
        folder: holds study.db and the locks; None keeps everything in memory, for simulations.
        storage: an Optuna storage; None is that of the folder.
        name: of the study.
        directions: one for each objective.
        searched: what the study searches: another search may not go on with it.
        sampler: makes the sampler that draws from a seed.
        pruner: an Optuna pruner.
        seed: of all proposals.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        name: str,
        directions: Sequence[Direction],
        searched: Mapping[str, Any],
        sampler: MadeSampler,
        pruner: Any = None,  # noqa: ANN401  optuna.pruners.BasePruner, not imported here
        seed: int = 0,
        storage: "BaseStorage | None" = None,
    ) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
        self.folder, self._sampler, self._seed = folder, sampler, seed
        if folder is not None:
            (folder / "locks").mkdir(parents=True, exist_ok=True)
        with self._locked():
            self.study: Study = optuna.create_study(
                storage=open_storage(folder) if storage is None and folder is not None else storage,
                study_name=name,
                directions=list(directions),
                pruner=pruner or optuna.pruners.NopPruner(),
                # Proposals have their own sampler: some samplers want to end a loop when they are
                # given a result, and this loop is ours.
                sampler=optuna.samplers.RandomSampler(),
                load_if_exists=True,
            )
            self._check_searched(searched)

    def take(self, space: Space, *, trials: int, defaults: Point) -> Taken | None:
        """The next trial for this worker; waits for those of others; None when all have ended.

        Args:
            space: what is searched.
            trials: how many different settings are to be tried.
            defaults: the settings of the first trial, as far as the space holds them.
        """
        while True:
            with self._locked():
                everything = self.tried()
                refuse_others(everything, space)
                for one in everything:
                    if one.running and (lock := self._lock_of(one.number)) is not None:
                        return self._again(one, space, lock)
                if not _enough(everything, trials):
                    return self._ask(space, everything, defaults)
                if not any(one.running for one in everything):
                    return None
            time.sleep(LOOK_SECONDS)

    def ended(self, trials: int) -> bool:
        """Whether nothing is left to do."""
        everything = self.tried()
        return _enough(everything, trials) and not any(one.running for one in everything)

    def tell(self, taken: Taken, values: Sequence[float] | None, reason: str = "") -> None:
        """End a trial: its values, or None and the reason why it has none."""
        from optuna.trial import TrialState

        with self._locked():
            if values is None:
                taken.trial.set_user_attr(REASON, reason)
                self.study.tell(taken.trial.number, state=TrialState.FAIL)
            else:
                self.study.tell(taken.trial.number, list(values))
        if taken.lock is not None:
            taken.lock.release()

    def leave(self, taken: Taken) -> None:
        """Let go of a trial that could not be ended: the next start takes it up again."""
        if taken.lock is not None:
            taken.lock.release()

    def sampler_of(self, number: int) -> "BaseSampler":
        """The sampler that proposes the trial of this number."""
        return self._sampler(draw_seed(self._seed, number))

    @property
    def signs(self) -> tuple[int, ...]:
        """For each objective 1 where more is better, -1 where less is."""
        return tuple(1 if one.name == "MAXIMIZE" else -1 for one in self.study.directions)

    def tried(self) -> list[Tried]:
        """Every trial that was begun, in order."""
        from optuna.trial import TrialState

        begun = self.study.get_trials(deepcopy=False)
        return [read_trial(one) for one in begun if one.state != TrialState.WAITING]

    def _ask(self, space: Space, everything: Sequence[Tried], defaults: Point) -> Taken:
        if not self.study.get_trials(deepcopy=False):
            self.study.enqueue_trial(dict(defaults), user_attrs={DEFAULTS: dict(defaults)})
        with self._proposing(everything):
            trial = self.study.ask()
            settings = space.suggest(trial)
        return self._taken(trial, settings, everything, self._lock_of(trial.number))

    def _again(self, one: Tried, space: Space, lock: FileLock | None) -> Taken:
        """A trial that a killed process left: what it had not proposed yet is proposed now."""
        import optuna

        trial_id = self.study.get_trials(deepcopy=False)[one.number]._trial_id
        before = self.tried()[: one.number]
        with self._proposing(before):
            trial = optuna.Trial(self.study, trial_id)
            settings = space.suggest(trial)
        return self._taken(trial, settings, before, lock)

    @contextmanager
    def _proposing(self, before: Sequence[Tried]) -> Iterator[None]:
        """Let the sampler of the next trial draw."""
        import optuna

        seed, ends = draw_seed(self._seed, len(before)), self.study.sampler
        # After settings that were tried already, draw at random: the sampler would insist.
        stuck = bool(before) and before[-1].same_as is not None
        random = optuna.samplers.RandomSampler(seed)
        self.study.sampler = random if stuck else self.sampler_of(len(before))
        try:
            yield
        finally:
            self.study.sampler = ends

    @staticmethod
    def _taken(
        trial: "Trial", settings: Point, before: Sequence[Tried], lock: FileLock | None
    ) -> Taken:
        trial.set_user_attr(POINT, dict(settings))
        known = next((one for one in before if same(one.settings, settings)), None)
        if known is not None:
            trial.set_user_attr(SAME_AS, known.number)
        return Taken(trial, settings, lock, known)

    def _lock_of(self, number: int) -> FileLock | None:
        """The trial's lock, or None where another worker holds it."""
        if self.folder is None:
            return None
        lock = FileLock(self.folder / "locks" / f"{number}.lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return None
        return lock

    def _locked(self) -> AbstractContextManager[Any]:
        if self.folder is None:
            return nullcontext()
        return FileLock(self.folder / "locks" / "study.lock", thread_local=False)

    def _check_searched(self, searched: Mapping[str, Any]) -> None:
        """Refuse to go on with a study of another space, model or objective."""
        key = digest(json.loads(json.dumps(searched)))[:16]
        there = self.study.user_attrs.get(SEARCHED)
        if there is None and not self.study.get_trials(deepcopy=False):
            self.study.set_user_attr(SEARCHED, key)
        elif there != key:
            rule = "holds a search of another space, objective, model or setting"
            hint = "give this one another name=, or repeat the line that made it"
            raise ConfigError(f"study {self.study.study_name}: {rule}; {hint}")


def refuse_others(everything: Sequence[Tried], space: Space) -> None:
    """ConfigError for a trial that sets what is not searched: the study may be anybody's file."""
    by_name = {one.name: one for one in space.parameters}
    for trial in everything:
        for name, value in trial.settings.items():
            if name not in by_name or not by_name[name].holds(value):
                what = repr(name) if name not in by_name else f"{name}={value}"
                rule = f"has trials that set {what}, which this line does not search"
                raise ConfigError(f"study.db: {rule}; give this search another name=")


def _enough(everything: Sequence[Tried], trials: int) -> bool:
    different = [one for one in everything if one.same_as is None]
    return len(different) >= trials or len(everything) >= trials * MAX_KNOWN


def open_storage(folder: Path) -> "BaseStorage":
    """The database of a sweep's study; processes wait for each other for a minute."""
    from optuna.storages import RDBStorage

    return RDBStorage(storage_url(folder), engine_kwargs={"connect_args": {"timeout": 60}})


def storage_url(folder: Path) -> str:
    """The address of a sweep's study, as Optuna and its dashboard take it."""
    return sqlite_url(folder / "study.db")


def draw_seed(seed: int, number: int) -> int:
    """The seed of the proposals of one trial."""
    return int(digest([seed, "trial", number])[:8], 16) >> 1


def same(first: Point, second: Point) -> bool:
    """Whether two points have the same settings."""
    return dict(first) == dict(second)
