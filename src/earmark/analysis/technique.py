"""Which techniques in a program go with its outcome, and how alike the samples of a task are.

Associations only: a model that writes filters may differ in everything else too. Runs and tasks are
taken out first (their means are subtracted, of the feature and of the outcome), so that what is
left compares programs for the same task by the same configuration. Errors are clustered by task
(Cameron and Miller 2015), p-values are Holm's over all features of one outcome.
"""

import ast
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from earmark.analysis.comparisons import holm
from earmark.analysis.scores import picked_attempts
from earmark.errors import counted
from earmark.records import Attempt, Run

Floats = NDArray[np.float64]
COUNTED = ("oscillators", "noises", "filters", "loops", "functions", "lines", "literal_bytes")
MIN_TASKS = 6
MIN_PROGRAMS = 20
SHINGLE = 5  # tokens of the normalised source
NEAR = 0.8  # of the shingles of two programs are shared


@dataclass(frozen=True, slots=True)
class Association:
    """How far the outcome moves per doubling of a count, in its unit, with a 95 % interval.

    Counts enter as log2(1 + count); `p` is Holm's over the features of this outcome.
    """

    feature: str
    outcome: str
    slope: float
    low: float
    high: float
    p: float
    programs: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Alikeness:
    """Of `pairs` pairs of samples of a task: how many programs nearly repeat, how many clips do.

    `clip_pairs` counts the pairs in which both left a clip.
    """

    pairs: int
    programs: int
    clip_pairs: int
    clips: int


def associations(runs: Sequence[Run], metric: str) -> list[Association] | str:
    """Each feature against `metric` of valid programs and validity of all, the surest first.

    Returns "cannot tell: …" where there are too few programs or tasks.
    """
    programs: list[tuple[str, Attempt]] = []
    for run in runs:
        programs += [(run.key, one) for one in picked_attempts(run).values() if _has_features(one)]
    tasks = {one.task.id for _, one in programs}
    if len(programs) < MIN_PROGRAMS or len(tasks) < MIN_TASKS:
        seen = f"{counted(len(programs), 'program')} with features"
        return (
            f"cannot tell: {seen} on {counted(len(tasks), 'task')}; "
            f"needs at least {MIN_PROGRAMS} on {MIN_TASKS}"
        )
    valid = [(key, one) for key, one in programs if one.valid and metric in one.scores]
    found = _against(valid, [one.scores[metric] for _, one in valid], metric)
    found += _against(programs, [float(one.valid) for _, one in programs], "valid")
    return sorted(found, key=lambda one: (one.p, one.feature))


def alikeness(run: Run) -> Alikeness:
    """How many pairs of samples of one task are near duplicates."""
    by_task: dict[str, list[Attempt]] = defaultdict(list)
    for one in picked_attempts(run).values():
        by_task[one.task.id].append(one)
    counts = [0, 0, 0, 0]
    for several in by_task.values():
        shingles = [_shingles(one.program.source) for one in several if one.program]
        sounds = [one.clip.sha256 for one in several if one.clip]
        near = [_jaccard(a, b) >= NEAR for a, b in combinations(shingles, 2)]
        equal = [a == b for a, b in combinations(sounds, 2)]
        for at, number in enumerate((len(near), sum(near), len(equal), sum(equal))):
            counts[at] += number
    return Alikeness(*counts)


def normalised(source: str) -> str:
    """The source without comments, docstrings and own names; as it is where it does not parse."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_remark(body[0]):
            node.body = body[1:] or [ast.Pass()]  # type: ignore[attr-defined]  # checked above
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, f"v{len(names)}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    return ast.unparse(tree)


def _is_remark(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _shingles(source: str) -> frozenset[int]:
    """Hashes of every run of SHINGLE words of the normalised source."""
    words = normalised(source).replace("(", " ( ").replace(",", " , ").split()
    starts = range(max(1, len(words) - SHINGLE + 1))
    return frozenset(_hash(" ".join(words[at : at + SHINGLE])) for at in starts)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other)


def _has_features(one: Attempt) -> bool:
    return one.program is not None and any(name in one.program.features for name in COUNTED)


def _against(
    programs: Sequence[tuple[str, Attempt]], outcomes: Sequence[float], outcome: str
) -> list[Association]:
    tasks = [one.task.id for _, one in programs]
    if len(programs) < MIN_PROGRAMS or len(set(tasks)) < MIN_TASKS:
        return []
    groups = [_codes(key for key, _ in programs), _codes(tasks)]
    y = _centred(np.array(outcomes, float), groups)
    slopes = []
    for name in COUNTED:
        counts = [float(one.program.features.get(name, 0)) for _, one in programs if one.program]
        x = _centred(np.log2(1 + np.array(counts)), groups)
        if x @ x > 1e-9 * len(x):
            slopes.append((name, *_slope(x, y, groups[1])))
    freedom = len(set(tasks)) - 1
    quantile = float(stdtrit(freedom, 0.975))
    ratios = np.array([_size(slope, error) for _, slope, error in slopes])
    adjusted = holm(2 * stdtr(freedom, -ratios))
    return [
        Association(
            name,
            outcome,
            slope=slope,
            low=slope - quantile * error,
            high=slope + quantile * error,
            p=float(p),
            programs=len(programs),
            tasks=freedom + 1,
        )
        for (name, slope, error), p in zip(slopes, adjusted, strict=True)
    ]


def _size(slope: float, error: float) -> float:
    return abs(slope) / error if error > 1e-12 else 0.0


def _codes(names: Iterable[str]) -> NDArray[np.intp]:
    _, codes = np.unique(np.array(list(names), object).astype(str), return_inverse=True)
    return codes


def _centred(values: Floats, groups: Sequence[NDArray[np.intp]], *, rounds: int = 50) -> Floats:
    """Values less their means by run and by task, in turns until nothing is left to take out."""
    for _ in range(rounds):
        before = values
        for codes in groups:
            means = np.bincount(codes, weights=values) / np.bincount(codes)
            values = values - means[codes]
        if np.abs(values - before).max(initial=0.0) < 1e-10:
            break
    return values


def _slope(x: Floats, y: Floats, clusters: NDArray[np.intp]) -> tuple[float, float]:
    """The least squares slope and its standard error clustered by task."""
    slope = float(x @ y / (x @ x))
    sums = np.bincount(clusters, weights=x * (y - slope * x))
    count = len(sums)
    return slope, sqrt(count / (count - 1) * float(sums @ sums)) / float(x @ x)
