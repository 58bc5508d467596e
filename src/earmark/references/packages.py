"""Reference recordings from distribution packages, unpacked into the cache without root.

    notes         instruments of a General MIDI soundfont, played note by note (see soundfont)
    environment   sound effects of a drawing program, a teaching language and two games
    speech        the prompts of a telephone exchange, and read speech with transcripts

Needs `apt-get` with package lists and `dpkg-deb`. Nothing of those packages is part of earmark: see
THIRD_PARTY.md.
"""

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from earmark import paths
from earmark.errors import MetricUnavailable
from earmark.identity import digest
from earmark.references import ReferenceSet
from earmark.references.debian import Unpacked, unpacked
from earmark.references.of_tasks import task_of
from earmark.references.soundfont import notes
from earmark.references.store import (
    Recording,
    decoded,
    one_of_each_group_first,
    stored_set,
)

# Raised when the choice or the rendering of recordings changes, so that an older set is not taken
# for a newer one.
RECIPE = 4


@dataclass(frozen=True)
class Source:
    """One package: its licence, and its recordings, at most so many.

    A set can do without an `optional` one; its manifest then says why under `missing`.
    """

    package: str
    licence: str
    recordings: Callable[[Unpacked, random.Random, int | None], Iterable[Recording]]
    optional: bool = False


def _files(
    package: Unpacked,
    rng: random.Random,
    count: int | None,
    *,
    patterns: tuple[str, ...],
    accept: Callable[[str], bool],
    caption: Callable[[Path], str],
    group: Callable[[Path], str],
) -> list[Recording]:
    matches = (path for pattern in patterns for path in package.folder.rglob(pattern))
    files = sorted(path for path in matches if path.is_file())
    named = [(path.relative_to(package.folder).as_posix(), path) for path in files]
    chosen = [(name, path) for name, path in named if accept(name)]
    rng.shuffle(chosen)
    return [
        Recording(
            name,
            package.package,
            partial(decoded, path),
            caption(path),
            group=f"{package.package} {group(path)}",
        )
        for name, path in chosen[:count]
    ]


def _stamp_caption(path: Path) -> str:
    """The English name of a stamp: the first line of its text file; empty for none."""
    text = path.with_suffix(".txt")
    if not text.is_file():
        return ""
    return text.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()


def _series(path: Path) -> str:
    """The name without its number: takes of one thing are a group."""
    return path.stem.rstrip("0123456789").rstrip("._-") or path.stem


def _one_voice(name: str) -> Callable[[Path], str]:
    """Every recording of a package is of this voice."""
    return lambda _: name


def _no_caption(_: Path) -> str:
    """The names of these files are no descriptions."""
    return ""


def _speech_caption(_: Path) -> str:
    return "a person speaking"


def _is_effect(name: str) -> bool:
    """Not the spoken names of stamps, nor numbers, letters and coins spoken in many languages."""
    folders = ("/symbols/", "/hanukkah/", "/roadsigns/")
    return "_desc" not in name and not any(folder in name for folder in folders)


def _is_of_surroundings(name: str) -> bool:
    """Not music, synthetic effects, or people who sing or say words."""
    folders = ("/Electronic/", "/Music Loops/", "/Instruments/", "/Percussion/", "/Vocals/")
    return "/music/" not in name and not any(folder in name for folder in folders)


def _is_speech(name: str) -> bool:
    """Not the exchange's silences, tones and single-letter beeps."""
    return not any(part in name for part in ("/silence/", "beep", "tone"))


SURROUNDINGS = partial(
    _files,
    patterns=("*.ogg", "*.wav", "*.mp3"),
    accept=_is_of_surroundings,
    caption=_no_caption,
    group=_series,
)
GAMES = (
    ("minetest-data", "CC-BY-SA-3.0, MIT"),
    ("scratch", "CC-BY-SA-3.0"),
    ("searchandrescue-data", "GPL-2"),
)
TIERS: Mapping[str, tuple[Source, ...]] = {
    "notes": (Source("fluidr3mono-gm-soundfont", "MIT", notes),),
    "environment": (
        Source(
            "tuxpaint-stamps-default",
            "GPL-2",
            partial(
                _files,
                patterns=("*.ogg", "*.wav"),
                accept=_is_effect,
                caption=_stamp_caption,
                group=_series,
            ),
        ),
        *(Source(package, licence, SURROUNDINGS, optional=True) for package, licence in GAMES),
    ),
    "speech": (
        Source(
            "pocketsphinx-testdata",
            "BSD-2-Clause, BSD-3-Clause",
            partial(
                _files,
                patterns=("*/librivox/*.wav",),
                accept=_is_speech,
                caption=_speech_caption,
                group=_one_voice("reader of the audiobook"),
            ),
        ),
        Source(
            "asterisk-core-sounds-en-wav",
            "CC-BY-SA-3.0",
            partial(
                _files,
                patterns=("*.wav",),
                accept=_is_speech,
                caption=_speech_caption,
                group=_one_voice("voice of the exchange"),
            ),
        ),
    ),
}


FETCH_SECONDS = 300.0  # for one package


class Packages:
    """Recordings from the packages of this machine's distribution: all of them, or a seeded choice.

    Of several takes of one thing the first of each come first.
    """

    def __init__(
        self,
        *,
        max_recordings: int | None = None,
        seed: int = 0,
        cache: str | None = None,
        name: str = "packages",
    ) -> None:
        self.name, self.cache = name, Path(cache or paths.cache())
        self.max_recordings, self.seed = max_recordings, seed
        self._lock = threading.Lock()

    def for_tier(self, tier: str) -> ReferenceSet:
        """The recordings of a tier, fetched at the first call.

        Raises:
            MetricUnavailable: they cannot be had; the message says what is missing.
        """
        if tier not in TIERS:
            raise MetricUnavailable(
                f"tier {tier!r} has no packages, only {', '.join(TIERS)} have; set reference=folder"
            )
        with self._lock:
            return self._stored(tier)

    def _stored(self, tier: str) -> ReferenceSet:
        packages, missing = self._unpacked(tier)
        versions = {package.package: package.version for package in packages.values()}
        key = digest([versions, self.max_recordings, self.seed, RECIPE])[:12]
        sources = {
            source.package: {
                "package": source.package,
                "version": versions[source.package],
                "licence": source.licence,
            }
            for source in packages
        }
        found = stored_set(
            self.cache / "references" / f"{tier}-packages-{key}",
            partial(self._choose, tier, packages),
            tier=tier,
            kind="packages",
            rendered=False,
            sources=sources,
        )
        return replace(found, manifest={**found.manifest, "missing": missing})

    def _unpacked(self, tier: str) -> tuple[dict[Source, Unpacked], dict[str, str]]:
        """The packages of a tier, and why some are missing."""
        packages: dict[Source, Unpacked] = {}
        missing: dict[str, str] = {}
        for source in TIERS[tier]:
            try:
                packages[source] = unpacked(
                    source.package, self.cache / "packages", seconds_to_fetch=FETCH_SECONDS
                )
            except MetricUnavailable as error:
                if not source.optional:
                    raise
                missing[source.package] = str(error)
        return packages, missing

    def _choose(self, tier: str, packages: Mapping[Source, Unpacked]) -> list[Recording]:
        rng = random.Random(f"{self.seed} {tier}")
        found: list[Recording] = []
        for source, package in packages.items():
            found += source.recordings(package, rng, self.max_recordings)
        chosen = one_of_each_group_first(found)[: self.max_recordings]
        return [replace(one, task=task_of(one)) for one in chosen]
