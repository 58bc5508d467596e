"""The settings of one run as frozen records: one field per setting, one node per group.

A group whose class is open (its YAML names a `_target_`) is a Component: a name, a class and the
settings of that class. What code outside the class reads of it is a field of its own node, and is
not among its settings. `earmark.config.compose` builds a RunConfig; run.json holds one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

Split = Literal["all", "tune", "held-out"]


@dataclass(frozen=True, slots=True)
class Component:
    """A class and its settings; a component among the settings is a mapping with `_target_`."""

    name: str
    target: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelConfig(Component):
    """A model.

    baseline, smoke    marked in every table; a smoke model only shows that things run
    on_unsupported     what becomes of sampling that it does not take; a baseline takes any
    """

    baseline: bool = False
    smoke: bool = False
    on_unsupported: Literal["refuse", "clamp"] = "refuse"


@dataclass(frozen=True, slots=True)
class StrategyConfig(Component):
    """A loop and its prompt settings; `metric` is the score by which it picks, where it does."""

    metric: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use and must leave behind; sandbox and reader enforce it."""

    packages: tuple[str, ...] = ("numpy", "scipy", "soundfile")
    file_name: str = "out.wav"
    sample_rate_hz: int = 44100
    min_rate_hz: int = 16000
    max_rate_hz: int = 96000
    max_channels: int = 2
    min_seconds: float = 0.1
    max_seconds: float = 60.0
    wall_seconds: float = 30.0
    cpu_seconds: int = 30
    memory_bytes: int = 2 * 1024**3
    file_bytes: int = 64 * 1024**2
    scratch_bytes: int = 128 * 1024**2
    scratch_inodes: int = 128
    output_bytes: int = 64 * 1024


# Modules that a program may not import, by reason: a label and a fairness rule, not a wall. What
# holds a program back is the sandbox; this table says which answers evade the task by letting
# something else make the sound. A module that is only missing (pyaudio, pygame, pydub) is not
# listed: the run says so.
_FORBIDDEN_BY_REASON = {
    "starts other processes": (
        "subprocess multiprocessing concurrent.futures.process asyncio.subprocess pty sh pexpect"
    ),
    "uses the network": (
        "socket socketserver ssl urllib.request urllib3 requests httpx aiohttp http.client "
        "http.server ftplib smtplib poplib imaplib nntplib telnetlib xmlrpc websocket websockets "
        "paramiko wget pycurl gdown yt_dlp youtube_dl huggingface_hub kagglehub datasets boto3"
    ),
    "uses a speech engine": (
        "pyttsx3 gtts TTS edge_tts espeakng espeak py_espeak_ng phonemizer piper kokoro melo bark "
        "elevenlabs win32com comtypes google.cloud.texttospeech azure.cognitiveservices AppKit"
    ),
    "uses another model to make the sound": (
        "openai anthropic google.generativeai google.genai litellm transformers diffusers "
        "audiocraft torchaudio.pipelines"
    ),
    "calls native code": "ctypes cffi",
}
FORBIDDEN_IMPORTS: Mapping[str, str] = {  # the module itself, or anything below it
    name: reason for reason, names in _FORBIDDEN_BY_REASON.items() for name in names.split()
}


@dataclass(frozen=True, slots=True)
class SandboxConfig(Component):
    """Where programs run, within which limits."""

    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class TierConfig:
    """The tasks of conf/tier/NAME.yaml as they are written there, and which of them are asked."""

    name: str = ""
    limit: int | None = None
    only: tuple[str, ...] | None = None
    split: Split = "all"
    tasks: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class PromptConfig:
    """The wording of every prompt: jinja2 templates by the name of the part that each words."""

    name: str
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricConfig:
    """The metrics of a clip and of a set of clips, by name."""

    name: str
    clip: Mapping[str, Component] = field(default_factory=dict)
    set: Mapping[str, Component] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrackingConfig(Component):
    """The tracking store; `uri` is its address, without a password once it is recorded.

    `traces` says whether every attempt is written as a trace, and the run as an evaluation run.
    """

    uri: str | None = None
    traces: bool = True


@dataclass(frozen=True, slots=True)
class BaselinesConfig:
    """Baseline models by name, and which of them is the floor and which the expert."""

    models: Mapping[str, ModelConfig] = field(default_factory=dict)
    floor: str = "noise"
    expert: str = "expert"


@dataclass(frozen=True, slots=True)
class SamplingConfig:
    """Sampling beyond temperature; None leaves the provider's default."""

    top_p: float | None = None
    max_tokens: int | None = None
    reasoning_effort: str | None = None


@dataclass(frozen=True, slots=True)
class ConcurrencyConfig:
    """How many run at once, per stage."""

    requests: int = 4
    programs: int = 2
    scoring: int = 1

    @property
    def total(self) -> int:
        """How many attempts may be under way, each in one stage."""
        return self.requests + self.programs + self.scoring


@dataclass(frozen=True, slots=True)
class RunConfig:
    """One point of a sweep; docs and conf/config.yaml say what each setting does."""

    name: str
    model: ModelConfig
    tier: TierConfig
    strategy: StrategyConfig
    embedder: Component
    fad_embedder: Component
    prompt: PromptConfig = PromptConfig("")
    sandbox: SandboxConfig = SandboxConfig("")
    metric: MetricConfig = MetricConfig("")
    reference: Component = Component("")
    baselines: BaselinesConfig = BaselinesConfig()
    tracking: TrackingConfig = TrackingConfig("")
    temperature: float = 0.7
    samples: int = 1
    seed: int = 0
    sampling: SamplingConfig = SamplingConfig()
    check_determinism: bool = False
    budget_usd: float | None = None
    asking: str = "each"
    replay: str | None = None
    dry_run: bool = False
    concurrency: ConcurrencyConfig = ConcurrencyConfig()
    cache: str = ""
    cassette: str = ""

    def setting(self, path: str) -> object:
        """The value at a path as on the command line (strategy.shots); of a group its name."""
        value: object = self
        for name in path.lstrip("+").split("."):
            value = _child(value, name)
        if isinstance(value, Mapping):
            return value.get("name", "")
        if isinstance(value, Component | TierConfig | PromptConfig | MetricConfig):
            return value.name
        return list(value) if isinstance(value, tuple) else value


def _child(node: object, name: str) -> object:
    if isinstance(node, Mapping):
        return node.get(name)
    if is_dataclass(node) and name in {one.name for one in fields(node)}:
        return getattr(node, name)
    return node.settings.get(name) if isinstance(node, Component) else None


def plain(value: object, *, whole: bool = False) -> Any:  # noqa: ANN401  JSON
    """A record of this module in the shape of its YAML: a component as `{_target_, **settings}`.

    Fields of a component that are at their default are left out, since not every class knows them;
    with `whole` they stand in it too.
    """
    if isinstance(value, Component):
        own = [one for one in fields(value) if one.name not in ("target", "settings")]
        values = [(one, getattr(value, one.name)) for one in own]
        kept = {
            one.name: plain(item, whole=whole)
            for one, item in values
            if whole or item not in (one.default, "")
        }
        return {"_target_": value.target, **value.settings, **kept}
    if isinstance(value, PromptConfig):
        return {"name": value.name, **value.templates}
    if is_dataclass(value):
        node = {one.name: plain(getattr(value, one.name), whole=whole) for one in fields(value)}
        return {"_target_": "earmark.records.Limits", **node} if type(value) is Limits else node
    if isinstance(value, Mapping):
        return {key: plain(item, whole=whole) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value
