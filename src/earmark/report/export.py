"""A sweep as data: one row for each attempt and one for each run, as frames; files in export_files.

docs/export.md says what each column means. A number that was not given is empty, never 0.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.analysis.exclusion import words_of
from earmark.analysis.fad_reading import fad_reading
from earmark.analysis.labels import is_baseline, swept_words
from earmark.records import Attempt, Run
from earmark.storage.exclusions import is_excluded
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder

if TYPE_CHECKING:
    from pandas import DataFrame  # type: ignore[import-untyped]  # pandas ships no types

Row = dict[str, Any]

# The columns and their types, in the order of the files; scores and features follow.
POINT = {
    "sweep": "string",
    "run": "string",
    "model": "string",
    "tier": "string",
    "strategy": "string",
    "embedder": "string",
    "temperature": "float64",
    "swept": "string",
    "stand_in": "bool",
    "baseline": "bool",
}
ATTEMPTS = {
    **POINT,
    "task": "string",
    "sample": "int64",
    "turn": "int64",
    "caption": "string",
    "valid": "bool",
    "failure_stage": "string",
    "failure": "string",
    "picked": "bool",
    "excluded": "string",
    "prompt_tokens": "Int64",
    "completion_tokens": "Int64",
    "cost_usd": "float64",
    "model_seconds": "float64",
    "execution_seconds": "float64",
    "sample_rate_hz": "Int64",
    "clip_seconds": "float64",
    "peak": "float64",
    "rms": "float64",
    "clip_sha256": "string",
    "folder": "string",
    "finish_reason": "string",
    "method": "string",
    "requested_temperature": "float64",
    "requested_max_tokens": "Int64",
    "effective_temperature": "float64",
    "effective_max_tokens": "Int64",
}
RUNS = {
    **POINT,
    "samples": "int64",
    "excluded": "string",
    "isolation": "string",
    "embedder_id": "string",
    "reference": "string",
    "reference_digest": "string",
    "fad_sizes": "string",
}
# By the prefix of a column that only some sweeps have; features of programs are of many kinds.
PREFIX_TYPES = {"score": "float64", "unscored": "string"}


def attempt_rows(folder: SweepFolder) -> Iterator[Row]:
    """One row per attempt of every finished run, in the order of the folder; one is read at a time.

    Raises:
        HarnessError: a damaged run; the message names its file.
    """
    for run_folder in folder.runs():
        yield from _attempt_rows(folder, run_folder)


def run_rows(folder: SweepFolder) -> Iterator[Row]:
    """One row per finished run."""
    for run_folder in folder.runs():
        yield _run_row(folder, run_folder.summary())


def load_attempts(sweep: SweepFolder | Path | str) -> "DataFrame":
    """The attempts of a sweep, named or given by its folder, as a pandas frame.

    Raises:
        ConfigError: no such sweep.
    """
    return frame(attempt_rows(_folder(sweep)), ATTEMPTS)


def load_runs(sweep: SweepFolder | Path | str) -> "DataFrame":
    """The runs of a sweep, named or given by its folder, as a pandas frame.

    Raises:
        ConfigError: no such sweep.
    """
    return frame(run_rows(_folder(sweep)), RUNS)


def frame(rows: Iterable[Row], columns: Mapping[str, str]) -> "DataFrame":
    """Rows as a frame: `columns` first, with their types even where all is empty."""
    import pandas

    table = pandas.DataFrame(list(rows))
    types = column_types(table.columns, columns)
    return table.reindex(columns=list(types)).astype(
        {name: kind for name, kind in types.items() if kind}
    )


def column_types(names: Iterable[str], columns: Mapping[str, str]) -> dict[str, str]:
    """The columns in their order and their types; that of a program's feature is left open, ""."""
    others = [name for name in names if name not in columns]
    others.sort(key=lambda name: not name.startswith("score_"))
    return {**columns, **{name: PREFIX_TYPES.get(name.partition("_")[0], "") for name in others}}


def _folder(sweep: SweepFolder | Path | str) -> SweepFolder:
    if isinstance(sweep, SweepFolder):
        return sweep
    for folder in (SweepFolder.named(str(sweep)), SweepFolder(Path(sweep))):
        if (folder.path / "sweep.json").is_file():
            return folder
    return SweepFolder.find(str(sweep))


def _attempt_rows(folder: SweepFolder, run_folder: RunFolder) -> Iterator[Row]:
    run, attempts = run_folder.stream()
    picked = set(run.picked)
    for one in attempts:
        yield {
            **_point(folder, run),
            **_question(one),
            **_result(one),
            "picked": one.key in picked,
            "excluded": _reason(one, run),
            **_completion(one),
            **_program(one),
            **_clip(one),
            **_prefixed("score_", one.scores),
            "folder": str(run_folder.folder_of(one).relative_to(folder.path)),
        }


def _reason(one: Attempt, run: Run) -> str | None:
    """Why the attempt is excluded; None where it is not."""
    covering = [exclusion.reason for exclusion in run.excluded if is_excluded(one, [exclusion])]
    return "; ".join(covering) or None


def _run_row(folder: SweepFolder, run: Run) -> Row:
    facts = run.facts
    return {
        **_point(folder, run),
        "samples": run.config.samples,
        "excluded": "; ".join(map(words_of, run.excluded)) or None,
        "isolation": facts.isolation,
        "embedder_id": facts.embedder_id,
        "reference": facts.reference,
        "reference_digest": facts.reference_digest,
        "fad_sizes": _fad_sizes(run),
        **_prefixed("score_", run.scores),
        **_prefixed("unscored_", run.unscored),
    }


def _fad_sizes(run: Run) -> str | None:
    """`n=48 m=49`: only FAD of equal sizes and one reference may be compared."""
    one = fad_reading(run)
    return None if one is None else f"n={one.n} m={one.m}"


def _point(folder: SweepFolder, run: Run) -> Row:
    config = run.config
    return {
        "sweep": folder.name,
        "run": run.key,
        "model": config.model.name,
        "tier": config.tier.name,
        "strategy": config.strategy.name,
        "embedder": config.embedder.name,
        "temperature": config.temperature,
        "swept": swept_words(run) or None,
        "stand_in": run.facts.stand_in,
        "baseline": is_baseline(run),
    }


def _question(one: Attempt) -> Row:
    return {
        "task": one.task.id,
        "sample": one.sample,
        "turn": one.turn,
        "caption": one.task.caption,
    }


def _result(one: Attempt) -> Row:
    return {
        "valid": one.valid,
        "failure_stage": one.failure.stage if one.failure else None,
        "failure": one.failure.kind if one.failure else None,
        "execution_seconds": one.execution.seconds if one.execution else None,
    }


def _completion(one: Attempt) -> Row:
    completion = one.completion
    if completion is None:
        return {}
    requested, effective = completion.requested, completion.effective
    return {
        "prompt_tokens": completion.prompt_tokens,
        "completion_tokens": completion.completion_tokens,
        "cost_usd": completion.cost_usd,
        "model_seconds": completion.seconds,
        "finish_reason": completion.finish_reason,
        "requested_temperature": requested.temperature,
        "requested_max_tokens": requested.max_tokens,
        "effective_temperature": effective.temperature,
        "effective_max_tokens": effective.max_tokens,
    }


def _program(one: Attempt) -> Row:
    """How the program was found, and its static facts as `feature_NAME`."""
    if one.program is None:
        return {}
    return {"method": one.program.method, **_prefixed("feature_", one.program.features)}


def _clip(one: Attempt) -> Row:
    clip = one.clip
    if clip is None:
        return {}
    return {
        "sample_rate_hz": clip.sample_rate,
        "clip_seconds": clip.seconds,
        "peak": clip.peak,
        "rms": clip.rms,
        "clip_sha256": clip.sha256,
    }


def _prefixed(prefix: str, values: Mapping[str, object]) -> Row:
    return {f"{prefix}{name}": value for name, value in sorted(values.items())}
