"""How long the conclusion of a large sweep takes: 48 runs × 60 tasks × 5 samples, within 10 s.

    python -m benchmarks.analysis

The runs are made in memory; reading them from disk is not measured here. Prints the seconds and the
ratio to the limit, and exits with 1 above it.
"""

import sys
from itertools import product
from time import perf_counter

from earmark.analysis.conclusion import conclude
from earmark.report.verdict import verdict_text
from tests.analysis.known import known_run

LIMIT_SECONDS = 10.0
TASKS, SAMPLES = 60, 5


def main() -> int:
    """Measure and print. Returns 0 within the limit."""
    models = [f"model-{at}" for at in range(4)]
    points = product(models, ("zero_shot", "few_shot", "repair"), (0.0, 0.3, 0.7, 1.0))
    runs = [
        known_run(
            model,
            strategy=strategy,
            temperature=temperature,
            mean=0.3 + 0.01 * models.index(model) + 0.02 * (strategy == "few_shot"),
            checks=0.5,
            valid=0.9,
            chance=0.1,
            tasks=TASKS,
            samples=SAMPLES,
        )
        for model, strategy, temperature in points
    ]
    started = perf_counter()
    conclusion = conclude("benchmark", runs, {})
    seconds = perf_counter() - started
    print(verdict_text(conclusion))
    print(f"{len(runs)} runs, {TASKS} tasks, {SAMPLES} samples: {seconds:.1f} s, ", end="")
    print(f"{seconds / LIMIT_SECONDS:.2f} of the limit of {LIMIT_SECONDS:g} s")
    return int(seconds > LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
