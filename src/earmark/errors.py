"""The exception tree: one class per boundary.

    EarmarkError
      StageError          the candidate's fault: recorded on the Attempt by the pipeline
        CompletionError     the model refused, wrote nothing, or was cut short
        ExtractError        the reply holds no program that may run
        ProgramError        the program failed, or was stopped at a limit
        AudioError          the file that it wrote is missing, or is not a usable clip
      HarnessError        the harness's fault: retried or fatal, never scored
        ModelUnavailable    no answer could be had
        SandboxUnavailable  no isolation could be had
        MetricUnavailable   no embedder or reference could be had
        TrackingUnavailable the store did not take what it was given
      ConfigError         a wrong setting, refused before anything runs

A message names the value, the rule and the way out; it never holds a key, a prompt or the
environment.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from earmark.records import Failure, FailureKind, Stage


class EarmarkError(Exception):
    """Anything earmark itself raises."""


class StageError(EarmarkError):
    """The candidate failed at one stage; `kind` is one of the closed list in records.FAILURES."""

    stage: Stage

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(stage=self.stage, kind=kind, message=message)


class CompletionError(StageError):
    """The completion cannot be used: refused, empty or truncated."""

    stage: Stage = "model"


class ExtractError(StageError):
    """The reply holds no program that may run: no_code, syntax or forbidden_import."""

    stage: Stage = "extract"


class ProgramError(StageError):
    """The program failed or was stopped: see records.FAILURES["execute"]."""

    stage: Stage = "execute"


class AudioError(StageError):
    """What the program left behind is not a clip: see records.FAILURES["audio"]."""

    stage: Stage = "audio"


class HarnessError(EarmarkError):
    """Ours, not the candidate's: retried or fatal, never scored."""


class ModelUnavailable(HarnessError):
    """A provider that is dead, refuses the key, or never answers."""


class SandboxUnavailable(HarnessError):
    """No isolation works here, or its self-test failed."""


class MetricUnavailable(HarnessError):
    """An embedder, checkpoint or reference set that cannot be loaded."""


class TrackingUnavailable(HarnessError):
    """The tracking store is gone; the sweep's folder still holds everything."""


class ConfigError(EarmarkError):
    """A value that breaks a rule, found before money or time is spent."""


def counted(count: int, noun: str) -> str:
    """`1 task`, `2 tasks`: a number with its noun, in every message."""
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"


def choose_from(wrong: str, names: Iterable[str]) -> str:
    """The way out of a wrong name: those that look like it first, then all there are."""
    known = list(names)
    near = get_close_matches(wrong, known, n=3, cutoff=0.6)
    guess = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{guess}choose from {', '.join(known)}"


def printable(text: str, *, keep: str = "") -> str:
    """The text with each character escaped that would steer a terminal, unless it is in `keep`."""
    return "".join(
        char if char.isprintable() or char in keep else char.encode("unicode_escape").decode()
        for char in text
    )
