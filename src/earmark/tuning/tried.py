"""A trial as a study holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from earmark.tuning.parameter import Point

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

Answers = Mapping[int, tuple[float, ...]]  # the value of each objective, by the place of the task

SAME_AS, REASON, PRUNED_AFTER = "same as trial", "reason", "pruned after tasks"
RUN, DEFAULTS, POINT, ANSWERS = "run", "defaults", "settings", "answers"


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial as it ended, or as it stands: `values` is None where there are none.

    `same_as` is the number of an earlier trial of the same settings, `pruned_after` the number of
    tasks after which it was stopped; its value is then a prediction. `answers` are by the place of
    the task in the search's order.
    """

    number: int
    settings: Point
    values: tuple[float, ...] | None
    running: bool = False
    same_as: int | None = None
    pruned_after: int | None = None
    reason: str = ""
    run: str = ""
    defaults: bool = False
    answers: Answers = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every task was answered and every objective has a value."""
        return self.values is not None and self.pruned_after is None

    @property
    def measured(self) -> tuple[float, ...]:
        """One value for each objective.

        Raises:
            ValueError: it has none.
        """
        if self.values is None:
            raise ValueError(f"trial {self.number} has no value")
        return self.values

    @property
    def tasks(self) -> dict[int, float]:
        """The values of the first objective, by the place of the task."""
        return {place: values[0] for place, values in self.answers.items()}


def read_trial(one: "FrozenTrial") -> Tried:
    """The trial that Optuna holds."""
    from optuna.trial import TrialState

    attributes = one.user_attrs
    # Optuna keeps the values of one objective; those of several are ours.
    several = {int(place): tuple(values) for place, values in attributes.get(ANSWERS, {}).items()}
    alone = {place: (value,) for place, value in one.intermediate_values.items()}
    return Tried(
        number=one.number,
        settings=attributes.get(POINT, one.params),
        values=tuple(one.values) if one.state == TrialState.COMPLETE else None,
        running=one.state == TrialState.RUNNING,
        same_as=attributes.get(SAME_AS),
        pruned_after=attributes.get(PRUNED_AFTER),
        reason=str(attributes.get(REASON, "")),
        run=str(attributes.get(RUN, "")),
        # Where the space does not hold all of the defaults, the first trial is not theirs.
        defaults=attributes.get(DEFAULTS) == attributes.get(POINT, one.params),
        answers=several or alone,
    )
