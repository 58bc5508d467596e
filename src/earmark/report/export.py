"""A sweep as data: its folder -> rows for notebooks and other tools.

In: a SweepFolder. Out: a list of attempts and a list of runs as flat rows, and the same as Parquet and CSV. What a column means is in
docs/comparing.md. A number that was not given is empty, never 0; nothing is averaged that the sweep had not averaged.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.analysis import statistics
from earmark.records import Attempt, Completion, Run
from earmark.storage.atomic import replacing
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder

if TYPE_CHECKING:
    from pandas import DataFrame  # type: ignore[import-untyped]  # pandas ships no types

Row = dict[str, Any]

# The schema, in the order of the files; what each column means is in docs/comparing.md.
SWEPT = {
    "sweep": "string",
    "run": "string",
    "model": "string",
    "tier": "string",
    "strategy": "string",
    "embedder": "string",
}
POINT = {
    **SWEPT,
    "temperature": "float64",
    "swept": "string",
    "standin": "bool",
    "baseline": "bool",
}
ATTEMPTS = {
    **POINT,
    **{"task": "string", "sample": "int64", "turn": "int64", "caption": "string"},
    **{"valid": "bool", "failure_stage": "string", "failure": "string", "counts": "bool"},
    **{
        "prompt_tokens": "Int64",
        "completion_tokens": "Int64",
        "cost_usd": "float64",
        "model_seconds": "float64",
    },
    **{
        "execution_seconds": "float64",
        "sample_rate_hz": "Int64",
        "clip_seconds": "float64",
        "peak": "float64",
        "rms": "float64",
    },
    **{"clip_sha256": "string", "folder": "string", "finish_reason": "string", "method": "string"},
    **{
        f"{side}_{name}": kind
        for side in ("requested", "effective")
        for name, kind in (("temperature", "float64"), ("max_tokens", "Int64"))
    },
}
RUNS = {
    **POINT,
    "samples": "int64",
    "isolation": "string",
    "embedder_id": "string",
    "reference": "string",
    "reference_digest": "string",
}


FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # the last four are full-width = + - @


def attempt_rows(folder: SweepFolder) -> list[Row]:
    """One row per attempt of every finished run, in the order of the folder."""
    return [row for place in folder.runs() for row in _attempts(folder, place)]


def run_rows(folder: SweepFolder) -> list[Row]:
    """One row per finished run."""
    return [_run(folder, place.summary()) for place in folder.runs()]


def load_attempts(sweep: SweepFolder | Path | str) -> "DataFrame":
    """The attempts as a pandas frame, for notebooks: `load_attempts("first")`, or a folder. ConfigError for one that is not there."""
    return frame(attempt_rows(_folder(sweep)), ATTEMPTS)


def load_runs(sweep: SweepFolder | Path | str) -> "DataFrame":
    """The runs as a pandas frame. ConfigError for a sweep that is not there."""
    return frame(run_rows(_folder(sweep)), RUNS)


def frame(rows: Sequence[Row], columns: Mapping[str, str]) -> "DataFrame":
    """Rows as a frame whose `columns` come first and have their types, whatever is missing; the others follow."""
    import pandas

    made = pandas.DataFrame(rows)
    others = sorted(
        (name for name in made.columns if name not in columns),
        key=lambda name: not name.startswith("score_"),
    )
    kinds = {
        "score": "float64",
        "unscored": "string",
    }  # a program's features are of many kinds: theirs are left as found
    types = {
        **columns,
        **{name: kinds[kind] for name in others if (kind := name.partition("_")[0]) in kinds},
    }
    return made.reindex(columns=[*columns, *others]).astype(types)


def export(folder: SweepFolder, into: Path) -> list[Path]:
    """Write attempts and runs as .parquet and .csv into a folder; the four paths. HarnessError when they cannot be written."""
    into.mkdir(parents=True, exist_ok=True)
    written = []
    for name, made in (("attempts", load_attempts(folder)), ("runs", load_runs(folder))):
        for path, write in (
            (into / f"{name}.parquet", made.to_parquet),
            (into / f"{name}.csv", inert(made).to_csv),
        ):
            with replacing(path) as temporary:
                write(temporary, index=False)
            written.append(path)
    return written


def inert(made: "DataFrame") -> "DataFrame":
    """The frame with an apostrophe before every text that a spreadsheet would take for a formula, as OWASP advises; numbers are left."""

    def quoted(value: object) -> object:
        if not isinstance(value, str):
            return value
        text = value.replace("\r\n", "\n").replace(
            "\r", "\n"
        )  # the writer does not quote a lone one: a row would end there
        return f"'{text}" if text.startswith(FORMULA) else text

    texts = made.select_dtypes(exclude=["number", "bool"]).columns
    return made.assign(**{name: made[name].map(quoted) for name in texts}).rename(columns=quoted)


def _folder(sweep: SweepFolder | Path | str) -> SweepFolder:
    if isinstance(sweep, SweepFolder):
        return sweep
    for folder in (SweepFolder.named(str(sweep)), SweepFolder(Path(sweep))):
        if (folder.path / "sweep.json").is_file():
            return folder
    return SweepFolder.find(str(sweep))


def _attempts(folder: SweepFolder, place: RunFolder) -> Iterator[Row]:
    run = place.run()
    counted = {id(one) for one in statistics.picked(run).values()}
    for one in run.attempts:
        named = {"sweep": folder.name, "run": run.key, **_swept(run)}
        where = {"folder": str(place.folder_of(one).relative_to(folder.path))}
        yield {
            **named,
            **_what(one),
            "counts": id(one) in counted,
            **_cost(one),
            **_program(one),
            **_sound(one),
            **_scores(one),
            **where,
        }


def _swept(run: Run) -> Row:
    config = run.config
    names = {
        "model": config.model.name,
        "tier": config.tier.name,
        "strategy": config.strategy.name,
        "embedder": config.embedder.name,
    }
    marks = {mark: run.facts.get(mark) == "yes" for mark in ("standin", "baseline")}
    return {
        **names,
        "temperature": config.temperature,
        "swept": run.facts.get("swept"),
        **marks,
    }


def _what(one: Attempt) -> Row:
    failure = one.failure
    said = {
        "failure_stage": failure.stage if failure else None,
        "failure": failure.kind if failure else None,
    }
    return {
        "task": one.task.id,
        "sample": one.sample,
        "turn": one.turn,
        "caption": one.task.caption,
        "valid": one.valid,
        **said,
    }


def _cost(one: Attempt) -> Row:
    answer, execution = one.completion, one.execution
    asked = {
        name: getattr(answer, name) if answer else None
        for name in ("prompt_tokens", "completion_tokens", "cost_usd")
    }
    told = {"finish_reason": answer.finish_reason, **_sampling(answer)} if answer else {}
    return {
        **asked,
        **told,
        "model_seconds": answer.seconds if answer else None,
        "execution_seconds": execution.seconds if execution else None,
    }


def _sampling(answer: Completion) -> Row:
    """What was asked for and what was in force, where the two can differ."""
    sides = (("requested", answer.requested), ("effective", answer.effective))
    return {
        f"{side}_{name}": getattr(sampling, name)
        for side, sampling in sides
        for name in ("temperature", "max_tokens")
    }


def _program(one: Attempt) -> Row:
    """How the program was found, and its static facts; `feature_cheats` names what it shows of dodging the question."""
    if one.program is None:
        return {"method": None}
    return {"method": one.program.method, **_prefixed("feature_", one.program.features)}


def _scores(one: Attempt) -> Row:
    return _prefixed("score_", one.scores)


def _sound(one: Attempt) -> Row:
    names = {
        "sample_rate": "sample_rate_hz",
        "seconds": "clip_seconds",
        "peak": "peak",
        "rms": "rms",
        "sha256": "clip_sha256",
    }
    return {
        column: getattr(one.clip, field) if one.clip else None for field, column in names.items()
    }


def _run(folder: SweepFolder, run: Run) -> Row:
    told = {
        name: run.facts.get(name)
        for name in ("isolation", "embedder_id", "reference", "reference_digest")
    }
    asked = {"samples": run.config.samples, **told}
    parts: Sequence[Row] = (_prefixed("score_", run.scores), _prefixed("unscored_", run.unscored))
    return {"sweep": folder.name, "run": run.key, **_swept(run), **asked, **parts[0], **parts[1]}


def _prefixed(prefix: str, values: Mapping[str, object]) -> Row:
    return {f"{prefix}{name}": value for name, value in sorted(values.items())}
