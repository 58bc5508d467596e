"""How sounds, pictures and programs come into the listening page: linked, or put inside it."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from earmark.records import Attempt, Json, Run
from earmark.report.baselines import ClipUri
from earmark.report.page_parts import Part, details_of, parts_of
from earmark.report.pictures import Budget, baseline_uri, picture_uri, sound_uri
from earmark.storage.run_folder import RunFolder

# At most one part in so many of the page's bytes is the baselines'; they come first and take less.
BASELINES_SHARE = 4
Whole = Callable[[RunFolder, Attempt], Attempt]


def link_to(page_folder: Path) -> ClipUri:
    """How a page in this folder links a clip."""

    def relative(wav: Path) -> str:
        return Path(os.path.relpath(wav, page_folder)).as_posix()

    return relative


def inline_clips(budget: Budget) -> ClipUri:
    """How a page holds the clips of baselines, while their share of the budget lasts."""
    share = Budget(budget.left_bytes // BASELINES_SHARE)

    def clip(wav: Path) -> str | None:
        uri = None if share.exhausted else baseline_uri(wav)
        return None if uri is None or share.spend(uri) is None else budget.spend(uri)

    return clip


def inline_parts(
    runs: Sequence[tuple[RunFolder, Run]], budget: Budget, whole: Whole | None = None
) -> Iterator[Part]:
    """The parts of a page with sounds and pictures inside, as far as the budget goes.

    Args:
        runs: with their attempts.
        budget: of the page.
        whole: reads an attempt again, where those of `runs` have no texts.
    """
    kept: dict[str, Json] = {}
    for folder, known in _most_wanted_first(runs):
        if budget.exhausted:
            break
        one = whole(folder, known) if whole else known
        details = details_of(one)
        if budget.spend(json.dumps(details)) is not None:
            kept[one.key] = {**details, **_media(one, folder.folder_of(one), budget)}
    for _, run in runs:
        yield from parts_of(run, kept)


def _most_wanted_first(
    runs: Sequence[tuple[RunFolder, Run]],
) -> list[tuple[RunFolder, Attempt]]:
    """Where not all fits, every run keeps something: what counts, first samples, task by task."""
    entries = []
    for folder, run in runs:
        picked = set(run.picked)
        for one in run.attempts:
            entries.append(((one.key not in picked, one.sample, one.task.id), folder, one))
    entries.sort(key=lambda entry: entry[0])
    return [(folder, one) for _, folder, one in entries]


def _media(one: Attempt, folder: Path, budget: Budget) -> dict[str, str | None]:
    """Spectrogram and sound of an attempt that has a clip, each where it fits."""
    if one.clip is None:
        return {}
    uris = {"image": picture_uri(folder / "out.png"), "audio": sound_uri(Path(one.clip.path))}
    return {name: None if uri is None else budget.spend(uri) for name, uri in uris.items()}
