"""Reference recordings out of distribution packages: fetched once into the cache, unpacked there without root.

    notes         instruments of a General MIDI soundfont, played note by note (see soundfont)
    environment   sound effects that belong to the stamps of a drawing program
    speech        the prompts of a telephone exchange, and read speech with transcripts

In: a tier. Out: a seeded choice of at most `most` recordings with their manifest. Needs `apt-get` with package lists and `dpkg-deb`;
MetricUnavailable says which is missing. Nothing of those packages is ever part of earmark: see THIRD_PARTY.md.
"""

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from earmark import paths
from earmark.errors import MetricUnavailable
from earmark.identity import digest
from earmark.references import ReferenceSet
from earmark.references.debian import Unpacked, unpacked
from earmark.references.soundfont import notes
from earmark.references.store import Recording, decoded, shelved


@dataclass(frozen=True)
class Source:
    """One package: its licence, which of its files are recordings, and how to have them."""

    package: str
    licence: str
    recordings: Callable[[Unpacked, random.Random, int], Iterable[Recording]]


def _files(
    found: Unpacked,
    rng: random.Random,
    most: int,
    *,
    patterns: tuple[str, ...],
    wanted: Callable[[str], bool],
    caption: Callable[[Path], str],
) -> list[Recording]:
    paths = sorted(
        path for pattern in patterns for path in found.folder.rglob(pattern) if path.is_file()
    )
    named = [(path.relative_to(found.folder).as_posix(), path) for path in paths]
    chosen = [(name, path) for name, path in named if wanted(name)]
    rng.shuffle(chosen)
    return [
        Recording(name, found.package, partial(decoded, path), caption(path))
        for name, path in chosen[:most]
    ]


def _stamp(path: Path) -> str:
    """What the stamp beside a sound effect is called: the first line of its text, English; empty where it has none."""
    text = path.with_suffix(".txt")
    return (
        text.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
        if text.is_file()
        else ""
    )


def _somebody(_: Path) -> str:
    return "a person speaking"


def _effect(name: str) -> bool:
    """A sound effect: not the spoken names of stamps, nor the numbers, letters and coins that are spoken in many languages."""
    return "_desc" not in name and not any(
        part in name for part in ("/symbols/", "/hanukkah/", "/roadsigns/")
    )


def _spoken(name: str) -> bool:
    """Speech: not the exchange's silences, tones and single-letter beeps."""
    return not any(part in name for part in ("/silence/", "beep", "tone"))


TIERS: Mapping[str, tuple[Source, ...]] = {
    "notes": (Source("fluidr3mono-gm-soundfont", "MIT", notes),),
    "environment": (
        Source(
            "tuxpaint-stamps-default",
            "GPL-2",
            partial(_files, patterns=("*.ogg", "*.wav"), wanted=_effect, caption=_stamp),
        ),
    ),
    "speech": (
        Source(
            "pocketsphinx-testdata",
            "BSD-2-Clause, BSD-3-Clause",
            partial(_files, patterns=("*/librivox/*.wav",), wanted=_spoken, caption=_somebody),
        ),
        Source(
            "asterisk-core-sounds-en-wav",
            "CC-BY-SA-3.0",
            partial(_files, patterns=("*.wav",), wanted=_spoken, caption=_somebody),
        ),
    ),
}


class Packages:
    """Recordings from the packages of this machine's distribution."""

    def __init__(
        self,
        *,
        most: int = 120,
        seed: int = 0,
        seconds_to_fetch: float = 300.0,
        cache: str | None = None,
        name: str = "packages",
    ) -> None:
        self.name, self.cache, self.most, self.seed, self.seconds_to_fetch = (
            name,
            Path(cache or paths.cache()),
            most,
            seed,
            seconds_to_fetch,
        )
        self._lock = threading.Lock()

    def for_tier(self, tier: str) -> ReferenceSet:
        """The recordings of a tier; fetched at the first call ever. MetricUnavailable when they cannot be had."""
        if tier not in TIERS:
            raise MetricUnavailable(
                f"tier {tier!r}: no packages are known for it, only for {', '.join(TIERS)}; set reference=folder"
            )
        with self._lock:
            found = [
                unpacked(s.package, self.cache / "packages", seconds_to_fetch=self.seconds_to_fetch)
                for s in TIERS[tier]
            ]
            versions = {one.package: one.version for one in found}
            folder = (
                self.cache
                / "references"
                / f"{tier}-packages-{digest([versions, self.most, self.seed, RECIPE])[:12]}"
            )
            facts = {
                s.package: {
                    "package": s.package,
                    "version": versions[s.package],
                    "licence": s.licence,
                }
                for s in TIERS[tier]
            }
            return shelved(
                folder,
                partial(self._choose, tier, found),
                tier=tier,
                kind="packages",
                rendered=False,
                sources=facts,
            )

    def _choose(self, tier: str, found: list[Unpacked]) -> list[Recording]:
        rng = random.Random(f"{self.seed} {tier}")
        chosen: list[Recording] = []
        for source, one in zip(TIERS[tier], found, strict=True):
            chosen += source.recordings(one, rng, self.most - len(chosen))
        return chosen


RECIPE = 2  # raised when the choice or the rendering of recordings changes: an older set is then not mistaken for a newer one
