"""asking=batch: before the runs run, their answers are fetched, one batch for each turn and model.

All runs of a line go together, so that a sweep of many runs waits no longer than one. What a batch
did not answer is not asked by itself: its run says why, and stays unfinished.
"""

import os
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from earmark.config.factory import batched_of, build_parts, design_of, model_of
from earmark.config.schema import RunConfig
from earmark.errors import ConfigError, HarnessError, counted, printable
from earmark.identity import answer_key, digest
from earmark.models import BatchState
from earmark.models.wrappers.batched import Batched
from earmark.models.wrappers.cassette import Cassette
from earmark.pipeline import Design, next_request
from earmark.records import Request
from earmark.run import run_episodes, saved_episodes
from earmark.storage.foreign import own_files
from earmark.storage.run_folder import RunFolder
from earmark.sweep.logs import log_attempt, log_file
from earmark.sweep.session import Session, run_folder

INTERRUPTED = "earmark: the batch goes on at the provider; the same line again waits for it."


def refuse_batches(config: RunConfig) -> None:
    """ConfigError where what is asked next depends on every answer so far."""
    if config.asking == "batch":
        rule = "a search asks a few tasks at a time, and each wait may take a day"
        raise ConfigError(f"asking=batch: {rule}; set asking=each")


def ask_in_batches(configs: Sequence[RunConfig], opened: Session) -> None:
    """Ask and record what the unfinished runs among these need, and take their episodes through it.

    A batch that fails is named on stderr; its runs are then not finished.
    """
    runs = [_Run.of(config) for config in configs if _in_batches(config)]
    while runs:
        for run in runs:
            run.advance(opened)
        groups = _grouped(runs)
        if not groups:
            return
        asked = counted(sum(len(requests) for _, requests in groups), "request")
        print(
            f"{'batches':24} {asked}, answered within a day; "
            "Ctrl-C is safe: the same line again waits for them",
            file=sys.stderr,
            flush=True,
        )
        with _explaining_interrupt():
            submitted = [group for group in groups if _try_step(group[0].submit, group[1])]
            for batched, requests in submitted:
                _try_step(batched.collect, requests, _progress_of(batched, opened))


@dataclass
class _Run:
    """A run that is asked in batches; `asked` holds the keys that this line has asked."""

    config: RunConfig
    design: Design
    folder: RunFolder
    cassette: Cassette
    asked: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, config: RunConfig) -> "_Run":
        model = model_of(config)
        assert isinstance(model, Cassette)  # noqa: S101  for the type checker: no baseline
        return cls(config, design_of(config), run_folder(config), model)

    def advance(self, opened: Session) -> None:
        """Take every episode as far as recorded answers reach.

        What stops it here stops the run later, which then says so.
        """
        if not any(self.recorded(request) for request in self.following()):
            return
        opened.progress.phase(f"running programs of {self.folder.path.name}")
        parts = build_parts(self.config, self.design)
        try:
            own_files(self.folder.path)
            with log_file(self.folder):
                for attempt in run_episodes(
                    self.design, parts=parts, folder=self.folder, ready=self.recorded
                ):
                    log_attempt(attempt)
                    answer = answer_key(self.config.model, attempt.request)
                    opened.progress.attempt(attempt, answer=answer)
        except HarnessError as error:
            opened.stopped[self.folder.path.name] = str(error)

    def following(self) -> Iterator[Request]:
        """What every episode asks next."""
        saved = saved_episodes(self.folder)
        for sample in range(self.design.samples):
            for task in self.design.tasks:
                history = saved[task.id, sample]
                request = next_request(task, sample, history, design=self.design)
                if request is not None:
                    yield request

    def recorded(self, request: Request) -> bool:
        return self.cassette.find(self.cassette.key(request)) is not None

    def missing(self) -> list[Request]:
        """What every episode asks next and was not asked by this line."""
        missing: list[Request] = []
        for request in self.following():
            key = self.cassette.key(request)
            if key not in self.asked and not self.recorded(request):
                self.asked.add(key)
                missing.append(request)
        return missing


def _in_batches(config: RunConfig) -> bool:
    by_provider = config.asking == "batch" and not config.model.baseline and not config.replay
    return by_provider and not run_folder(config).finished


def _grouped(runs: Sequence[_Run]) -> list[tuple[Batched, list[Request]]]:
    """What the runs ask next, by model: a batch holds the requests of one."""
    models: dict[str, Batched] = {}
    requests: dict[str, list[Request]] = defaultdict(list)
    for run in runs:
        if missing := run.missing():
            name = digest(dict(run.cassette.identity))
            models.setdefault(name, batched_of(run.config))
            requests[name] += missing
    return [(models[name], requests[name]) for name in models]


def _try_step(step: Callable[..., None], *args: object) -> bool:
    """Whether a step of one model's batches went well; the other models go on without it."""
    try:
        step(*args)
    except HarnessError as error:
        print(f"batch stopped: {printable(str(error))}", file=sys.stderr, flush=True)
        return False
    return True


def _progress_of(batched: Batched, opened: Session) -> Callable[[BatchState], None]:
    name = batched.identity.get("name")

    def show(state: BatchState) -> None:
        count = f"{state.done} of {state.total} answered"
        failed = f", {state.failed} failed" if state.failed else ""
        opened.progress.phase(printable(f"{name} {state.id} {state.status}: {count}{failed}"))

    return show


@contextmanager
def _explaining_interrupt() -> Iterator[None]:
    """Ctrl-C says what becomes of the batch before it ends the process as ever."""
    before = signal.getsignal(signal.SIGINT)

    def explain(number: int, frame: FrameType | None) -> None:
        os.write(2, f"\n{INTERRUPTED}".encode())
        if callable(before):
            before(number, frame)

    try:
        signal.signal(signal.SIGINT, explain)
    except ValueError:  # not in the first thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
