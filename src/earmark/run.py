"""Tasks × samples × turns of one run: skip what exists, run the rest concurrently, save each attempt, yield it.

In: the tasks, the parts and the run's folder. Out: a stream of Attempts, then the Run with its scores. What is in the folder
is never asked again; an interrupted run goes on where it stopped. It knows no configuration and no tracker.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial

from earmark.pipeline import Parts, attempt, next_request
from earmark.records import Attempt, Sampling, Task
from earmark.storage.folders import RunFolder
from earmark.strategies import Strategy

Episodes = dict[tuple[str, int], list[Attempt]]


@dataclass(frozen=True)
class Design:
    """What is asked in one run, and how."""

    run: str
    tasks: tuple[Task, ...]
    samples: int
    strategy: Strategy
    sampling: Sampling
    seed: int
    max_turns: int
    workers: int = 4


def run_episodes(
    design: Design,
    *,
    parts: Parts,
    folder: RunFolder,
    finish: Callable[[Attempt], None] = lambda _: None,
) -> Iterator[Attempt]:
    """Yield every attempt of the run, the saved ones first; each new one is saved before it is yielded.

    Args:
        design: what is asked.
        parts: who does the work.
        folder: where attempts are found and kept.
        finish: called with each new attempt before it is saved, in the thread that made it: renders evidence such as a spectrogram.

    Raises:
        HarnessError: the first one met; episodes under way are allowed to end, the others are not started.

    Whoever stops listening stops the asking: when the stream is closed, no further turn is begun.
    """
    episodes = saved(folder)
    for history in episodes.values():
        yield from history
    stop = threading.Event()
    pool = ThreadPoolExecutor(max_workers=design.workers, thread_name_prefix="episode")
    work = partial(_episode, design=design, parts=parts, folder=folder, finish=finish, stop=stop)
    pending = {
        pool.submit(work, task, sample, tuple(episodes[task.id, sample]))
        for sample in range(design.samples)
        for task in design.tasks
    }
    try:
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                yield from future.result()
    except (KeyboardInterrupt, GeneratorExit):
        stop.set()
        pool.shutdown(
            wait=False, cancel_futures=True
        )  # a person waits: calls under way are left behind
        raise
    except Exception:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)  # turns under way end and are saved
        raise
    pool.shutdown()


def saved(folder: RunFolder) -> Episodes:
    """The attempts of earlier starts, by episode, in turn order."""
    episodes: Episodes = defaultdict(list)
    for one in folder.attempts():
        history = episodes[one.task.id, one.sample]
        if one.turn == len(history):  # a gap would mean a lost file: what follows it is asked again
            history.append(one)
    return episodes


def _episode(
    task: Task,
    sample: int,
    history: Sequence[Attempt],
    *,
    design: Design,
    parts: Parts,
    folder: RunFolder,
    finish: Callable[[Attempt], None],
    stop: threading.Event,
) -> list[Attempt]:
    """Ask until the strategy has nothing left to say; the new attempts."""
    all_turns, new = list(history), []
    while not stop.is_set():
        request = next_request(
            task,
            sample,
            all_turns,
            strategy=design.strategy,
            sampling=design.sampling,
            seed=design.seed,
            max_turns=design.max_turns,
        )
        if request is None:
            break
        place = folder.attempt_folder(task.id, sample, request.turn)
        one = attempt(task, request, run=design.run, folder=place, parts=parts)
        finish(one)
        folder.save_attempt(one)
        all_turns.append(one)
        new.append(one)
    return new
