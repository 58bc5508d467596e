"""What a trace holds of an attempt: a tree of spans, what was expected, and how it was assessed.

Nothing here knows the store; `traces` writes it. Rows of two runs are paired by `title`, which
names the task, the sample and the turn, and nothing that differs between runs.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from earmark.analysis.labels import headline, is_baseline, label
from earmark.analysis.scores import Pair
from earmark.metrics.retrieval import NAMES as RETRIEVAL
from earmark.records import Attempt, Json, Run, dump
from earmark.storage.run_folder import RunFolder

MEDIA = {"clip": ("out.wav", "audio/wav"), "spectrogram": ("out.png", "image/png")}


@dataclass(frozen=True, slots=True)
class Assessed:
    """One judgement of an attempt by this program: a value with why, or why there is none."""

    name: str
    value: float | bool | None
    rationale: str


@dataclass(frozen=True, slots=True)
class SpanContent:
    """One step of an attempt; the first of a trace is its root. `failure` is None for a success."""

    name: str
    kind: str
    seconds: float
    inputs: Json = field(default_factory=dict)
    outputs: Json = field(default_factory=dict)
    attributes: Json = field(default_factory=dict)
    failure: str | None = None
    shows_media: bool = False


@dataclass(frozen=True, slots=True)
class TraceContent:
    """A trace of one attempt. `media` maps a name in the outputs to a file and its media type."""

    key: str
    name: str
    title: str
    answer: str
    ended_ns: int
    spans: tuple[SpanContent, ...]
    tags: Mapping[str, str]
    assessed: tuple[Assessed, ...]
    expected: Json
    episode: str = ""
    session: str | None = None
    failed: bool = False
    media: Mapping[str, tuple[Path, str]] = field(default_factory=dict)


def trace_contents(run: Run, folder: RunFolder) -> Iterator[TraceContent]:
    """A trace for each attempt of a run that was read with its attempts."""
    turns: dict[Pair, int] = {}
    for one in run.attempts:
        pair = (one.task.id, one.sample)
        turns[pair] = turns.get(pair, 0) + 1
    for one in run.attempts:
        yield _trace(run, one, folder.folder_of(one), turns[one.task.id, one.sample])


def _trace(run: Run, one: Attempt, place: Path, turns: int) -> TraceContent:
    media = {name: (place / file, kind) for name, (file, kind) in MEDIA.items()}
    there = {name: found for name, found in media.items() if one.clip and found[0].is_file()}
    failure, episode = one.failure, f"{one.task.id}, sample {one.sample}"
    return TraceContent(
        key=one.key,
        name=one.task.id,
        title=title(one),
        answer=_answer(run, one),
        ended_ns=(place / "attempt.json").stat().st_mtime_ns,
        spans=(_root(run, one), *_steps(one)),
        tags=_tags(run, one),
        assessed=tuple(_assessed(run, one)),
        expected={"sound": one.task.caption, **({"facts": one.task.spec} if one.task.spec else {})},
        episode=episode,
        session=f"{run.key}, {episode}" if turns > 1 else None,
        failed=failure is not None,
        media=there,
    )


def title(one: Attempt) -> str:
    """The same words for the same question, whichever run asked it."""
    turn = f", turn {one.turn}" if one.turn else ""
    return f"{one.task.id}, sample {one.sample}{turn}: {one.task.prompt}"


def _answer(run: Run, one: Attempt) -> str:
    """How it went, and whose attempt it is: the list of traces shows no run."""
    if one.failure is not None:
        return f"{one.failure.kind} ({label(run)}): {one.failure.message}"
    name = headline(run)
    score = one.scores.get(name)
    how = f"a clip of {one.task.id}" if score is None else f"{name} {score:.3f}"
    return f"{how} ({label(run)})"


def _tags(run: Run, one: Attempt) -> dict[str, str]:
    tags = {
        "run": run.key,
        "sweep": run.sweep,
        "label": label(run),
        "model": run.config.model.name,
        "tier": one.task.tier,
        "task": one.task.id,
        "sample": str(one.sample),
        "turn": str(one.turn),
        "picked": "yes" if one.key in run.picked else "no",
    }
    marks = {"baseline": is_baseline(run), "stand_in": run.facts.stand_in}
    tags |= {name: "yes" for name, holds in marks.items() if holds}
    if one.failure is not None:
        tags["failure"] = one.failure.kind
    return {f"earmark.{name}": value for name, value in tags.items()}


def _root(run: Run, one: Attempt) -> SpanContent:
    failure = one.failure
    if failure is not None:
        outputs: Json = {"failure": dump(failure)}
    else:
        outputs = {name: one.scores[name] for name in _compared(run) if name in one.scores}
    turn = {"turn": one.turn} if one.turn else {}
    return SpanContent(
        name=one.task.id,
        kind="CHAIN",
        seconds=0.0,  # as long as its steps together
        # Equal for equal questions, as the title is: by them MLflow pairs the rows of two runs.
        inputs={"task": one.task.id, "sample": one.sample, **turn, "prompt": one.task.prompt},
        outputs=outputs,
        failure=f"{failure.kind}: {failure.message}" if failure else None,
        shows_media=True,
    )


def _steps(one: Attempt) -> Iterator[SpanContent]:
    """The steps that the attempt reached, in order; the one that failed says so."""
    failure = one.failure
    words = f"{failure.kind}: {failure.message}" if failure else None
    stage = failure.stage if failure else ""
    if one.completion is not None:
        yield _model(one, words if stage == "model" else None)
    if one.completion is not None and stage != "model":
        yield _extract(one, words if stage == "extract" else None)
    if one.execution is not None:
        yield _execute(one, words if stage in ("execute", "audio") else None)
    if one.clip is not None:
        outputs = {"scores": dict(one.scores), "unscored": dict(one.unscored)}
        levels = {name: value for name, value in dump(one.clip).items() if name != "path"}
        yield SpanContent("score", "EVALUATOR", 0.0, levels, outputs)


def _model(one: Attempt, failure: str | None) -> SpanContent:
    answer = one.completion
    assert answer is not None  # noqa: S101  for the type checker: the caller has looked
    message = {"role": "assistant", "content": answer.text}
    attributes: Json = {
        "mlflow.llm.model": answer.model,
        "requested": dump(answer.requested),
        "effective": dump(answer.effective),
    }
    asked, answered = answer.prompt_tokens, answer.completion_tokens
    if asked is not None and answered is not None:
        usage = {"input_tokens": asked, "output_tokens": answered}
        attributes["mlflow.chat.tokenUsage"] = {**usage, "total_tokens": asked + answered}
    if answer.batch is not None:
        attributes["batch"] = answer.batch
    if answer.cost_usd is not None:
        attributes["mlflow.llm.cost"] = {"total_cost": answer.cost_usd}
    outputs: Json = {"choices": [{"message": message, "finish_reason": answer.finish_reason}]}
    if answer.reasoning:
        outputs["reasoning"] = answer.reasoning
    inputs = {"model": answer.model, "messages": [dump(each) for each in one.request.messages]}
    return SpanContent(
        "model", "CHAT_MODEL", answer.seconds or 0.0, inputs, outputs, attributes, failure=failure
    )


def _extract(one: Attempt, failure: str | None) -> SpanContent:
    program = one.program
    outputs = (
        {"program": fenced(program.source, "python"), "method": program.method} if program else {}
    )
    attributes = {"features": dict(program.features)} if program else {}
    return SpanContent("extract", "PARSER", 0.0, {}, outputs, attributes, failure=failure)


def _execute(one: Attempt, failure: str | None) -> SpanContent:
    ran = one.execution
    assert ran is not None  # noqa: S101  for the type checker: the caller has looked
    outputs: Json = {"end": ran.end, "exit_code": ran.exit_code, "result": ran.result}
    outputs |= {"stdout": fenced(ran.stdout), "stderr": fenced(ran.stderr)}
    facts: Json = {"isolation": ran.isolation, "peak_bytes": ran.peak_bytes}
    facts["cpu_seconds"] = ran.cpu_seconds
    inputs = {"program": fenced(one.program.source, "python")} if one.program else {}
    return SpanContent(
        "execute", "TOOL", ran.seconds, inputs, outputs, facts, failure=failure, shows_media=True
    )


def fenced(text: str, language: str = "") -> str:
    """A text as Markdown's code: MLflow's page reads texts as Markdown, and joins their lines."""
    if not text.strip():
        return text
    inner = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(inner + 1, 3)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _assessed(run: Run, one: Attempt) -> Iterator[Assessed]:
    """What a person compares: valid, the text-audio score, facts met, retrieval."""
    clip, failure = one.clip, one.failure
    if failure is not None or clip is None:
        words = f"{failure.kind}: {failure.message}" if failure else "there is no clip"
        yield Assessed("valid", False, words)
        return
    yield Assessed("valid", True, f"an audible clip of {clip.seconds:.2f} s, peak {clip.peak:.2f}")
    rationales = (_wordings(one, headline(run)), _facts(one), _rank(one))
    for score, rationale in zip(_compared(run), rationales, strict=True):
        if score in one.scores:
            yield Assessed(score, one.scores[score], rationale)
        elif score in one.unscored:
            yield Assessed(score, None, one.unscored[score])


def _compared(run: Run) -> tuple[str, str, str]:
    """The scores of an attempt that a person compares."""
    return headline(run), "check_ok", RETRIEVAL[0]


def _wordings(one: Attempt, name: str) -> str:
    prefix = f"{name}_template_"
    values = [f"{one.scores[key]:.3f}" for key in sorted(one.scores) if key.startswith(prefix)]
    words = f"sound against the caption {one.task.caption!r}"
    return f"{words}; by wording {', '.join(values)}" if values else words


def _facts(one: Attempt) -> str:
    verdicts, measured = [], []
    for key, value in sorted(one.scores.items()):
        if key == "check_ok" or not key.startswith("check_"):
            continue
        fact = key.removeprefix("check_")
        if fact.endswith("_ok"):
            verdicts.append(f"{fact.removesuffix('_ok')} {'holds' if value else 'does not hold'}")
        else:
            measured.append(f"{fact} {value:.4g}")
    return "; ".join(filter(None, (", ".join(verdicts), ", ".join(measured))))


def _rank(one: Attempt) -> str:
    there = [key for key in RETRIEVAL[1:] if key in one.scores]
    values = [f"{key.removeprefix('retrieval_')} {one.scores[key]:.3f}" for key in there]
    return f"is its own caption the nearest of the tier's? {', '.join(values)}"
