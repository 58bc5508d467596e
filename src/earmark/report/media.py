"""How sounds, pictures and programs come into the listening page: linked, or put inside it."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from earmark.records import Attempt, Json
from earmark.report.baselines import ClipUri
from earmark.report.pictures import Budget, picture_uri, sound_uri

# At most one part in so many of the page's bytes is the baselines'; they come first and take less.
BASELINES_SHARE = 4


@dataclass(frozen=True, slots=True)
class Media:
    """`attempt` gives program, audio and image of an attempt; `clip` the URI of another clip."""

    attempt: Callable[[Attempt, Path], Json]
    clip: ClipUri


def link_media(page_folder: Path) -> Media:
    """Sounds and pictures as links relative to the page."""

    def relative(path: Path) -> str:
        return Path(os.path.relpath(path, page_folder)).as_posix()

    def attempt(one: Attempt, folder: Path) -> Json:
        pictured = one.clip is not None and (folder / "out.png").is_file()
        return {
            "program": one.program.source if one.program else None,
            "audio": relative(folder / "out.wav") if one.clip else None,
            "image": relative(folder / "out.png") if pictured else None,
        }

    return Media(attempt, relative)


def inline_media(budget: Budget) -> Media:
    """Programs, sounds and pictures inside the page while the budget lasts."""
    share = Budget(budget.left_bytes // BASELINES_SHARE)

    def attempt(one: Attempt, folder: Path) -> Json:
        encode = one.clip is not None and not budget.exhausted
        parts = {
            "program": one.program.source if one.program else None,
            "image": picture_uri(folder / "out.png") if encode else None,
            "audio": sound_uri(Path(one.clip.path)) if one.clip and encode else None,
        }
        return {name: None if part is None else budget.spend(part) for name, part in parts.items()}

    def clip(wav: Path) -> str | None:
        uri = None if share.exhausted else sound_uri(wav)
        return None if uri is None or share.spend(uri) is None else budget.spend(uri)

    return Media(attempt, clip)
