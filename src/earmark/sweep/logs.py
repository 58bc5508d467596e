"""The log file of a run: when it started and ended, and a line for each attempt.

Runs overlap: a line goes to the run in whose context it is said.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from earmark.records import Attempt
from earmark.storage.run_folder import RunFolder

LOG = logging.getLogger("earmark")
_run: ContextVar[Path | None] = ContextVar("run", default=None)


@contextmanager
def log_file(folder: RunFolder) -> Iterator[None]:
    """Write what is logged inside to RUN/run.log; a finished run gets no new lines."""
    if folder.finished:
        yield
        return
    folder.path.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(
        folder.path / "run.log", delay=True, encoding="utf-8", errors="backslashreplace"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(lambda _: _run.get() == folder.path)
    LOG.addHandler(handler)
    if LOG.getEffectiveLevel() > logging.INFO:
        LOG.setLevel(logging.INFO)
    within = _run.set(folder.path)
    LOG.info("run started")
    try:
        yield
        LOG.info("run finished")
    except BaseException as error:
        LOG.info("run stopped: %s: %s", type(error).__name__, error)
        raise
    finally:
        _run.reset(within)
        LOG.removeHandler(handler)
        handler.close()


def log_attempt(attempt: Attempt) -> None:
    """One line: which attempt, and how far it came."""
    if attempt.failure is not None:
        result = f"{attempt.failure.stage} {attempt.failure.kind}"
    else:
        result = " ".join(f"{name}={value:.4g}" for name, value in attempt.scores.items())
    where = (attempt.task.id, attempt.sample, attempt.turn)
    LOG.info("%s sample %d turn %d: %s", *where, result or "valid, not scored")
