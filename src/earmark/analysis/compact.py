"""Attempts without what no number is made of: a sweep of any size stays in memory as its numbers.

What stays of an attempt is its place, how it ended, its clip's levels, its scores and the counts of
its program, in well under a kilobyte. Answers, sources, messages and what a program printed are on
the disk, and are read again by who shows them.
"""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from earmark.analysis.technique import COUNTED
from earmark.records import Attempt, Program, Task

T = TypeVar("T")


class Numbers(Mapping[str, float]):
    """Named numbers in a tenth of the memory of a dict; all that have the same names share them."""

    __slots__ = ("_places", "_values")

    def __init__(self, places: Mapping[str, int], values: "array[float]") -> None:
        self._places, self._values = places, values

    def __getitem__(self, name: str) -> float:
        return self._values[self._places[name]]

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class Compactor:
    """Makes attempts small; what many of them have in common is kept once."""

    def __init__(self) -> None:
        self._shared: dict[Any, Any] = {}

    def small(self, one: Attempt) -> Attempt:
        """The attempt without its texts: completion and execution are None, scores have no reasons.

        The request has no messages, the program no source, the failure no message, and of the
        clip's path the name is left.
        """
        program, failure, clip = one.program, one.failure, one.clip
        if program is not None:
            counts = {name: program.features[name] for name in COUNTED if name in program.features}
            program = Program("", self._once(program.method), self._numbers(counts))
        if failure is not None:
            failure = self._once(replace(failure, message=""))
        if clip is not None:
            clip = replace(clip, path=self._once(Path(clip.path).name))
        return Attempt(
            key=one.key,
            run=self._once(one.run),
            task=self._task(one.task),
            sample=one.sample,
            turn=one.turn,
            request=self._once(replace(one.request, messages=())),
            program=program,
            clip=clip,
            scores=self._numbers(one.scores),
            failure=failure,
        )

    def _once(self, value: T) -> T:
        """The first of all values that are equal to this one."""
        first: T = self._shared.setdefault(value, value)
        return first

    def _task(self, task: Task) -> Task:
        """The same for a task, whose spec cannot be hashed."""
        first: Task = self._shared.setdefault((task.tier, task.id), task)
        return first if first == task else task

    def _numbers(self, values: Mapping[str, Any]) -> Numbers:
        names = tuple(values)
        places = self._shared.setdefault(names, {name: at for at, name in enumerate(names)})
        return Numbers(places, array("d", values.values()))
