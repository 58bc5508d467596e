"""Frozen records passed between the stages, and their conversion to and from JSON.

Task -> Request -> Completion -> Program -> Execution -> Clip -> scores, collected in one
Attempt; Attempts in a Run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_args

from pydantic import TypeAdapter

from earmark.config.schema import Limits as Limits  # noqa: PLC0414  a record like those below
from earmark.config.schema import RunConfig

Stage = Literal["model", "extract", "execute", "audio"]
ModelFailure = Literal["refused", "empty", "truncated"]
ExtractFailure = Literal["no_code", "syntax", "forbidden_import"]
ExecutionFailure = Literal[
    "missing_import",
    "runtime_error",
    "blocked_call",
    "timeout",
    "memory",
    "output_flood",
    "crashed",
]
AudioFailure = Literal[
    "no_file",
    "not_a_wav",
    "unreadable",
    "non_finite",
    "out_of_limits",
    "too_short",
    "too_long",
    "silent",
]
FailureKind = ModelFailure | ExtractFailure | ExecutionFailure | AudioFailure
FAILURES: Mapping[Stage, tuple[FailureKind, ...]] = {
    "model": get_args(ModelFailure),
    "extract": get_args(ExtractFailure),
    "execute": get_args(ExecutionFailure),
    "audio": get_args(AudioFailure),
}

End = Literal["exit", "timeout", "cpu", "memory", "output", "signal"]
ResultKind = Literal[
    "file", "missing", "link", "folder", "fifo", "socket", "device", "too_large", "padded"
]
Isolation = Literal["namespaces", "process", "container", "none"]
Json = dict[str, Any]


# Finish reasons by which a provider says that the model or a policy refused to answer.
REFUSED_REASONS = frozenset(
    {"content_filter", "refusal", "safety", "recitation", "prohibited_content", "blocklist", "spii"}
)

# Finish reasons by which a provider says that the answer was cut at a token limit.
LENGTH_REASONS = frozenset(
    {"length", "max_tokens", "max_output_tokens", "model_length", "max_length", "length_limit"}
    | {"token_limit", "context_length", "model_context_window_exceeded", "limit"}
)


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked: `prompt` goes to the model, `caption` to the embedder, `spec` holds
    machine-checkable facts.
    """

    id: str
    tier: str
    caption: str
    prompt: str
    seconds: float
    spec: Json = field(default_factory=dict)
    split: Literal["tune", "held-out"] = "tune"
    paraphrases: tuple[str, ...] = ()
    difficulty: int = 1


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the model is asked to draw its answer; None leaves the provider's default."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    reasoning_effort: str | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a model gets. `sample` makes repeats distinct, so that each is a call of its own."""

    task_id: str
    seconds: float
    sample: int
    turn: int
    messages: tuple[Message, ...]
    sampling: Sampling


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back. Tokens and cost are None when they are unknown, never 0.

    `reasoning` is what the server sent apart from the answer; its tokens are among
    `completion_tokens`. `batch` is the provider's id of the batch that the answer came in: how long
    it took by itself is then unknown.
    """

    text: str
    model: str
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float | None
    cost_usd: float | None
    requested: Sampling
    effective: Sampling
    reasoning: str | None = None
    reasoning_tokens: int | None = None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """Python source found in a completion; `method` says how it was found."""

    source: str
    method: str = "fence"
    features: Mapping[str, float | int | bool | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Execution:
    """What happened when the program ran.

    `wav` is the path of the copied result, None unless `result` is "file"; `other_files` are some
    that the program wrote in its place. `file_before_failure` says that a program which failed had
    left a whole, valid file: it counts as failed, and a reader can count both ways.
    """

    end: End
    exit_code: int | None
    stdout: str
    stderr: str
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    isolation: Isolation
    result: ResultKind
    wav: str | None
    other_files: tuple[str, ...] = ()
    file_before_failure: bool = False


@dataclass(frozen=True, slots=True)
class Clip:
    """Audio that passed the reader. Levels are full scale 0..1; `sha256` is of the file's bytes."""

    path: str
    sample_rate: int
    channels: int
    frames: int
    seconds: float
    peak: float
    rms: float
    dc_offset: float
    clipped_fraction: float
    sha256: str


@dataclass(frozen=True, slots=True)
class Scores:
    """What a metric says: finite numbers, and for each number it could not give, why."""

    values: Mapping[str, float] = field(default_factory=dict)
    unscored: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed: the stage, a kind from FAILURES, and a message."""

    stage: Stage
    kind: FailureKind
    message: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: fields are filled in order, and the first None shows where it stopped."""

    key: str
    run: str
    task: Task
    sample: int
    turn: int
    request: Request
    completion: Completion | None = None
    program: Program | None = None
    execution: Execution | None = None
    clip: Clip | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    unscored: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None

    @property
    def valid(self) -> bool:
        """True when the attempt reached an audible clip."""
        return self.failure is None and self.clip is not None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a reader of a run's numbers must know beyond its settings; None or empty where unknown.

    `pipeline` stands for all that makes a text-audio score what it is, `baselines` for the scores
    that the run is read against. `swept` holds the swept settings that its label does not name.
    """

    isolation: Isolation | None = None
    embedder_id: str | None = None
    fad_embedder_id: str | None = None
    stand_in: bool = False
    fad_stand_in: bool = False
    pipeline: str | None = None
    panel: tuple[str, ...] = ()
    reference: str | None = None
    reference_digest: str | None = None
    baselines: str | None = None
    swept: Mapping[str, str] = field(default_factory=dict)
    rescored_from: str | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A task, or with `run` (its key) one episode of it, that counts in no number, and why."""

    tier: str
    task: str
    reason: str
    run: str | None = None
    sample: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One point of the sweep with its scores.

    `picked` holds the key of the attempt that counts of each episode, as the strategy picked it.
    """

    key: str
    sweep: str
    config: RunConfig
    attempts: tuple[Attempt, ...] = ()
    picked: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    unscored: Mapping[str, str] = field(default_factory=dict)
    facts: RunFacts = field(default_factory=RunFacts)
    excluded: tuple[Exclusion, ...] = ()


R = TypeVar("R")
_adapters: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def dump(record: object) -> Json:
    """A record as plain JSON values (dict, list, str, int, float, bool, None)."""
    plain: Json = _adapter(type(record)).dump_python(record, mode="json")
    return plain


def load(kind: type[R], data: object) -> R:
    """A record of `kind` from plain JSON values.

    Raises:
        pydantic.ValidationError: names the field that does not fit, is missing or is unknown.
    """
    record: R = _adapter(kind).validate_python(data, extra="forbid")
    return record
