"""Shards: folders of one sweep from several machines, and what several of them hold.

A run that was split over machines has a part in each. Its parts fit together when they are of one
configuration, which the run's key stands for; a record whose key is not that of its content is
refused. An episode is taken whole from one part: a later turn answers the earlier ones.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from earmark.errors import HarnessError
from earmark.identity import attempt_key, digest, file_digest, run_key
from earmark.records import Attempt, Run
from earmark.storage.atomic import read_json
from earmark.storage.foreign import own_files
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder

Pair = tuple[str, int]  # a task and a sample: one episode
COPY_AGAIN = "copy the shard again from its machine, or leave it out"


@dataclass(frozen=True, slots=True)
class Part:
    """One run as one shard holds it; `run` is its whole record, None where it is not finished.

    `contents` has a digest of the record of each turn.
    """

    shard: str
    folder: RunFolder
    key: str
    episodes: Mapping[Pair, tuple[Attempt, ...]]
    contents: Mapping[Pair, tuple[str, ...]]
    run: Run | None = None

    def place(self, attempt: Attempt) -> str:
        """The attempt's folder below the sweep's."""
        return self.folder.folder_of(attempt).relative_to(self.folder.path.parent).as_posix()


@dataclass(frozen=True, slots=True)
class Together:
    """The parts of one run and the one that each episode is taken from.

    `doubles` names the episodes that several parts hold alike; `conflicts` those whose content
    differs, each with the shards that hold it. `whole` is a finished part that holds all of it.
    """

    key: str
    parts: tuple[Part, ...]
    chosen: Mapping[Pair, Part]
    doubles: tuple[str, ...]
    conflicts: tuple[str, ...]
    whole: Part | None


def load_parts(shard: SweepFolder, name: str, *, checked: bool = True) -> list[Part]:
    """Every run that a shard holds, begun or finished, by folder name.

    Args:
        shard: its folder.
        name: what messages call it.
        checked: False for one that an interrupted merge left, which may be half made.

    Raises:
        HarnessError: a link, a damaged record, or one that is not what its key says.
    """
    if checked:
        shard.check()
    own_files(shard.path)
    with_attempts = [folder.parent for folder in shard.path.glob("*/attempts")]
    return [load_part(RunFolder(path), name) for path in sorted(with_attempts)]


def load_part(folder: RunFolder, shard: str) -> Part:
    """One run of a shard. HarnessError as `load_parts`."""
    run = folder.whole() if folder.finished else None
    episodes: dict[Pair, list[Attempt]] = defaultdict(list)
    for one in run.attempts if run else folder.attempts():
        history = episodes[one.task.id, one.sample]
        if one.turn == len(history):  # a gap is a lost file: what follows it would be repeated
            history.append(one)
    key = _key_of(folder, run)
    contents = {}
    for pair, history in episodes.items():
        contents[pair] = tuple(_content(folder, key, one) for one in history)
    attempts = {pair: tuple(history) for pair, history in episodes.items()}
    return Part(shard, folder, key, attempts, contents, run)


def _key_of(folder: RunFolder, run: Run | None) -> str:
    """The run's key by its folder, which the record of a finished run must agree with."""
    named = re.fullmatch(r".*-([0-9a-f]{16})", folder.path.name)
    if named is None:
        raise HarnessError(f"{folder.path}: must end in the run's 16 hex digits; {COPY_AGAIN}")
    if run is not None and not named[1] == run.key == run_key(run.config):
        claim = f"says that it is of run {run.key}, its configuration is {run_key(run.config)}"
        raise HarnessError(f"{folder.path / 'run.json'}: {claim}; {COPY_AGAIN}")
    return named[1]


def _content(folder: RunFolder, key: str, attempt: Attempt) -> str:
    """A digest of the record, which must be of its place in this run."""
    path = folder.folder_of(attempt) / "attempt.json"
    right = attempt_key(key, attempt.task.id, attempt.sample, attempt.turn)
    if (attempt.run, attempt.key) != (key, right):
        claim = f"says that it is attempt {attempt.key} of run {attempt.run}, lies in run {key}"
        raise HarnessError(f"{path}: {claim}; {COPY_AGAIN}")
    return digest(read_json(path))


def put_together(
    parts: Sequence[Part], *, prefer: str | None = None, into: str | None = None
) -> Together:
    """Which part each episode of a run is taken from.

    Args:
        parts: of one run, at least one.
        prefer: the shard whose episode is taken where the content differs.
        into: the shard that the others are merged into, which holds no doubles of its own.
    """
    holders: dict[Pair, list[Part]] = defaultdict(list)
    for part in parts:
        for pair in part.episodes:
            holders[pair].append(part)
    chosen, doubles, conflicts = {}, [], []
    for pair, several in sorted(holders.items()):
        preferred = [part for part in several if part.shard == prefer]
        longest = max(several, key=lambda part: len(part.episodes[pair]))
        name = several[0].place(several[0].episodes[pair][0])
        if all(_goes_on(longest, part, pair) for part in several):
            chosen[pair] = longest
            doubles += [name] if sum(part.shard != into for part in several) > 1 else []
        else:
            chosen[pair] = preferred[0] if preferred else longest
            shards = ", ".join(part.shard for part in several)
            conflicts += [] if preferred else [f"{name} in {shards}"]
    contents = {pair: part.contents[pair] for pair, part in chosen.items()}
    whole = next((part for part in parts if part.run and part.contents == contents), None)
    return Together(
        parts[0].key, tuple(parts), chosen, tuple(doubles), tuple(conflicts), whole=whole
    )


def _goes_on(longest: Part, part: Part, pair: Pair) -> bool:
    """True where the turns of a part are the first ones of the longest."""
    turns = part.contents[pair]
    return longest.contents[pair][: len(turns)] == turns


def check_clip(attempt: Attempt) -> None:
    """HarnessError where the clip is not the file that was scored."""
    clip = attempt.clip
    if clip is None:
        return
    path = Path(clip.path)
    if not path.is_file() or file_digest(path) != clip.sha256:
        raise HarnessError(f"{path}: is not the clip that was scored; {COPY_AGAIN}")
